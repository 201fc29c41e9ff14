"""How long the words of an inbox line may be. Pure."""

SUBJECT_LENGTH = 90  # characters: what the widest common inbox shows
SUBJECT_SHOWN = 60  # what most show, phones fewer
PREHEADER_LENGTH = 130
PREHEADER_LEAST = 30


def shortened(text: str, length: int) -> str:
    """The text cut at a word, with an ellipsis, to at most `length` characters."""
    if len(text) <= length:
        return text
    return text[: length - 1].rpartition(" ")[0].rstrip(" ,;:·–—") + "…"


def advice(subject: str, preheader: str) -> list[str]:
    """What an editor may want to know about the inbox line, a sentence each; empty when all is well."""
    said = []
    if len(subject) > SUBJECT_SHOWN:
        said.append(f"The subject has {len(subject)} characters; most inboxes show {SUBJECT_SHOWN} or fewer.")
    if not preheader:
        said.append("There is no preheader: inboxes show the mail's first words after the subject.")
    elif len(preheader) < PREHEADER_LEAST:
        said.append(f"The preheader has {len(preheader)} characters; inboxes fill up with what follows it.")
    elif len(preheader) > PREHEADER_LENGTH:
        said.append(f"The preheader has {len(preheader)} characters; inboxes show at most {PREHEADER_LENGTH}.")
    if preheader and preheader.casefold() == subject.casefold():
        said.append("The preheader repeats the subject.")
    return said
