"""Words run the way they are read."""

import pytest

from newsletter.mail.language import direction_of, direction_of_language


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
