"""Mail that is no bounce, and that must never cost a reader the newsletter."""

from tests.tracking.bounces import shapes
from tests.tracking.bounces.shapes import READER, Case, mail, person

_QUOTED = "> 550 5.1.1 <bob@else.example>: User unknown\n> Undelivered Mail Returned to Sender"
_BOUNCE = shapes.postfix("550 5.1.1 User unknown", "5.1.1")
_ATTACHED = (
    f"--=_o\nContent-Type: text/plain\n\nWhat is this?\n\n--=_o\nContent-Type: message/rfc822\n\n{_BOUNCE}\n--=_o--\n"
)
_TWO_PARTS = 'multipart/mixed; boundary="=_o"'
_RECEIPT = (
    'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification; boundary="=_cut"\n\n'
    "--=_cut\n\nYour message was read.\n\n--=_cut\nContent-Type: message/disposition-notification\n\n"
    f"Final-Recipient: rfc822;{READER}\nDisposition: manual-action/MDN-sent-manually; displayed\n\n--=_cut--\n"
)
_DELAYED = "Delivery to the following recipients has been delayed."
_NOTICES = "no-reply@sns.amazonaws.com"

NOTHING = {
    "a reply": person("I liked the piece on Angola. Who wrote the second one?"),
    "a reply that quotes a bounce": person(f"My brother gets this when he writes to you:\n\n{_QUOTED}"),
    "a bounce handed on": person(f"See below.\n\n{_QUOTED}", subject="Fwd: Undelivered Mail Returned to Sender"),
    "a bounce handed on as a part": person(_ATTACHED).replace("text/plain; charset=utf-8", _TWO_PARTS),
    "words of a bounce": person("The host unknown to me said: user unknown, mailbox full! A nice poem."),
    "a question about leaving": person("Before I unsubscribe, tell me whether you have a monthly edition?"),
    "a wish to stay": person("Please do not stop sending this. I cancelled another one by mistake."),
    "a delay by postfix": shapes.postfix("451 4.3.0 Temporary lookup failure", "4.3.0", action="delayed"),
    "a delay by sendmail": shapes.sendmail("450 mailbox busy", "4.2.0", action="delayed"),
    "a delay by exchange": shapes.exchange_2003(_DELAYED, "4.4.7", action="delayed"),
    "a delay by gmail": shapes.gmail("421-4.7.28 unusual rate of mail", "4.7.28", action="delayed"),
    "a delay by exim": mail(
        f"\nA message that you sent has not yet been delivered:\n\n  {READER}\n",
        sender="Mailer-Daemon@mx.news.example", subject="Warning: message 1abcd-2ef delayed 24 hours",
    ),
    "delivered": shapes.postfix("250 2.0.0 OK", "2.0.0", action="delivered"),
    "relayed": shapes.sendmail("250 OK", "2.1.5", action="relayed"),
    "a receipt": mail(_RECEIPT, sender=READER, subject="Read: The week in foreign policy"),
    "a dmarc failure report": shapes.feedback("Feedback-Type: auth-failure\nVersion: 1\nAuth-Failure: dmarc"),
    "not spam after all": shapes.feedback(f"Feedback-Type: not-spam\nVersion: 1\nOriginal-Rcpt-To: {READER}"),
    "amazon's delivery": mail('\n{"notificationType":"Delivery"}', sender=_NOTICES, subject="AWS Notification Message"),
    "another newsletter": person(
        "Ten deliveries that failed us. 550 users lost.", subject="This week", sender="Other <news@other.example>",
        head="List-Id: <x.other.example>\nPrecedence: bulk\n",
    ),
    "a warning about our own mailbox": mail("\nIt uses 95 %.\n", sender="IT <it@news.example>", subject="Storage"),
    "spam": person("You won 1,000,000. Click http://win.example", sender="Prize <x@win.example>", subject="WINNER"),
    "nothing at all": "",
    "headers only": "From: a@b.example\nSubject: hello\n",
    "a list server's": person("unsubscribe", head="Auto-Submitted: auto-generated\n", subject="unsubscribe"),
}  # fmt: skip

AUTOMATIC = {
    "out of office": person(
        "I am out of the office until Monday. 550 mails wait.", subject="Out of Office: Re: The week"
    ),
    "by RFC 3834": person("Gone fishing.", head="Auto-Submitted: auto-replied\n"),
    "by older usage": person("Gone fishing.", head="Precedence: auto_reply\n"),
    "abwesend": person("Ich bin bis Montag nicht da.", subject="Abwesenheitsnotiz"),
    "absente": person("Je suis absente.", subject="Réponse automatique : La semaine"),
    "left the company": person("This is an automatic reply. Ann no longer works here.", subject="Automatic reply: x"),
    "a ticket": person("We received your request.", head="X-Autoreply: yes\n", subject="[#123] Received"),
    "unsubscribe, by a machine": person("unsubscribe", head="Auto-Submitted: auto-replied\n", subject="unsubscribe"),
}

LEAVING = {
    "one word": person("unsubscribe"),
    "politely": person("Please unsubscribe me from this list, thank you.\n\n> the mail"),
    "in the subject": person("", subject="Re: UNSUBSCRIBE"),
    "remove me": person("Remove me from your mailing list.\n\nOn Thu, 26 Nov 2026, The Weekly wrote:\n> hello"),
    "abmelden": person("Bitte abmelden, danke", subject="AW: Die Woche"),
    "afmelden": person("Afmelden alstublieft", subject="Re: De week"),
    "désabonner": person("Me désabonner", subject="Re: La semaine"),
    "baja": person("dar de baja", subject="Re: La semana"),
}


def _cases(kind: str, texts: dict[str, str]) -> list[Case]:
    return [Case(name, text, kind, address=None) for name, text in texts.items()]


HARMLESS = [*_cases("none", NOTHING), *_cases("autoreply", AUTOMATIC)]
CASES = [*HARMLESS, *_cases("unsubscribe", LEAVING)]
