"""Dates are written out, and words run the way they are read."""

from datetime import date

import pytest

from newsletter.mail.language import direction_of, direction_of_language, written_date


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 11, 26), "Thursday 26 November 2026"),
        (date(2027, 1, 1), "Friday 1 January 2027"),
        (date(2028, 2, 29), "Tuesday 29 February 2028"),
    ],
)
def test_a_date_is_written_out_in_words(day, written):
    assert written_date(day) == written


@pytest.mark.parametrize("language", ["ar", "he", "fa", "ur", "ar-EG", "FA"])
def test_four_languages_run_from_the_right(language):
    assert direction_of_language(language) == "rtl"


@pytest.mark.parametrize("language", ["en", "en-GB", "de", "arn", ""])
def test_all_others_run_from_the_left(language):
    assert direction_of_language(language) == "ltr"


def test_the_majority_of_letters_decides_not_the_first_one():
    assert direction_of("BBC تفتح مكتبًا جديدًا في الخرطوم", "ltr") == "rtl"
    assert direction_of("What “سلام” means", "rtl") == "ltr"


def test_words_without_letters_follow_the_letter_they_stand_in():
    assert direction_of("1989!", "rtl") == "rtl"
    assert direction_of("", "ltr") == "ltr"
