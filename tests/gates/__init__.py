"""Finished mails before judges of other makers: html-validate, axe in Chromium, SpamAssassin."""
