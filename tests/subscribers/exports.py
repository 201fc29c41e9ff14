"""Files as the programs write them, shortened: the columns are theirs, the people invented."""

from collections.abc import Sequence
from pathlib import Path

MAILCHIMP_TAIL = (
    "MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,"
    "LAST_CHANGED,LEID,EUID,NOTES,TAGS"
)
ROW = '2,"2019-03-04 05:06:07",203.0.113.77,"2019-03-04 05:16:07",203.0.113.78,,,,,,,,,1,ab12,,"""donor"""'
FIELDS = "Email Address,First Name,Last Name,Address,Interests"
MAILCHIMP = {
    "nonsubscribed_email_audience_export_a1.csv": f"{FIELDS},{MAILCHIMP_TAIL}",
    "subscribed_email_audience_export_a1.csv": f"{FIELDS},{MAILCHIMP_TAIL}",
    "unsubscribed_email_audience_export_a1.csv": f"{FIELDS},UNSUB_TIME,"
    f"UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,{MAILCHIMP_TAIL}",
    "cleaned_email_audience_export_a1.csv": f"{FIELDS},CLEAN_TIME,"
    f"CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,{MAILCHIMP_TAIL}",
}
BETWEEN = {"unsubscribed": '"2024-05-06 07:08:09",Weekly,77,NORMAL,,', "cleaned": '"2023-01-02 03:04:05",Weekly,70,'}


def mailchimp(folder: Path, people: dict[str, Sequence[str]]) -> list[Path]:
    """The four files of an audience; `people` are addresses by the first word of a file's name."""
    files = []
    for name, header in MAILCHIMP.items():
        word = name.partition("_")[0]
        lines = [
            f'{address},Ada,Byron,"1 Main St, Springfield","Africa, Sports",{BETWEEN.get(word, "")}{ROW}'
            for address in people.get(word, ())
        ]
        path = folder / name
        path.write_text("\r\n".join([header, *lines, ""]), newline="")
        files.append(path)
    return files


GHOST = (
    "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers\n"
    'a1,in@example.org,Ada,,true,false,,2021-02-03T04:05:06.000Z,,"vip,press",\n'
    "a2,out@example.org,Eve,,false,false,,2021-02-03T04:05:06.000Z,,,\n"
)
SUBSTACK = (
    "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at\n"
    "in@example.org,false,,other,false,2021-02-03T04:05:06.000Z,\n"
    "out@example.org,true,2027-02-03T00:00:00.000Z,yearly,true,2021-02-03T04:05:06.000Z,2021-02-04T00:00:00.000Z\n"
)
LISTMONK = (
    "uuid,email,name,attributes,status,created_at,updated_at\n"
    'u1,in@example.org,Ada,"{""city"": ""Paris""}",enabled,2021-02-03T04:05:06Z,2021-02-03T04:05:06Z\n'
    "u2,out@example.org,Eve,{},disabled,2021-02-03T04:05:06Z,2021-02-03T04:05:06Z\n"
    "u3,bad@example.org,Mia,{},blocklisted,2021-02-03T04:05:06Z,2021-02-03T04:05:06Z\n"
)
SENDGRID = (
    "EMAIL,FIRST_NAME,LAST_NAME,ADDRESS_LINE_1,CITY,CREATED_AT,UPDATED_AT,CONTACT_ID\n"
    "in@example.org,Ada,,1 Main St,Springfield,2021-02-03T04:05:06Z,2021-02-03T04:05:06Z,c1\n"
)
SENDGRID_BOUNCES = 'status,reason,email,created\n5.1.1,"550 5.1.1 no such user",bad@example.org,1612325106\n'
