"""Watching notices a save, whatever way an editor saves."""

import threading

from workbench.learning.watch import watch_files


def test_a_save_is_noticed_once(course, risk_level, answer):
    saved = watch_files(course, [risk_level], every=0.01)
    file = answer("one = 1\n")
    watching = iter(saved)
    threading.Timer(0.3, lambda: file.write_text("two = 22\n")).start()
    assert next(watching) is risk_level


def test_a_file_replaced_by_another_is_noticed(course, risk_level, answer):
    file = answer("one = 1\n")

    def replace() -> None:
        other = file.with_name("risk.py.swap")
        other.write_text("three = 333\n")
        other.replace(file)

    threading.Timer(0.3, replace).start()
    assert next(watch_files(course, [risk_level], every=0.01)) is risk_level
