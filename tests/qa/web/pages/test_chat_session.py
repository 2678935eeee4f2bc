"""What a chat keeps of its questions."""

import gradio as gr
from starlette.requests import HTTPConnection

from qa.question.question import FOLLOWUP
from qa.web.pages import chat
from qa.web.pages.chat import ChatSession, LastAnswer, Turn
from qa.web.security.visitor import Visitor


def test_a_session_is_stored_and_restored() -> None:
    turn = Turn("怎么办", ("先前的",), regions=("岚川省云栖市",), years=(2021,), series=("刊",), without=("year:2021",))
    session = ChatSession().answered(LastAnswer(turn, ("followup",)))
    assert ChatSession.restored(session.stored).turns == (turn,)
    assert ChatSession.restored([{"question": 1}]) == ChatSession()  # another version of the program has written it
    assert ChatSession.restored([{"question": str(number)} for number in range(30)]).turns[0].question == "18"


def test_a_chat_is_restored_for_the_account_that_asked() -> None:
    lin = ChatSession.restored(None, "lin").answered(LastAnswer(Turn("谁也别看")))
    assert ChatSession.restored(lin.stored, "lin").turns == lin.turns
    for other in ("su", None, ""):
        assert ChatSession.restored(lin.stored, other) == ChatSession(account=other)
    assert ChatSession.restored([{"question": "甲"}], "su").turns == ()  # asked before there were accounts
    assert lin.cleared() == ChatSession(account="lin")


def test_a_question_of_the_address_is_asked_unless_it_was_the_last() -> None:
    session = ChatSession.restored([{"question": "甲"}])
    assert [turn.question for turn in session.asked("乙").turns] == ["甲", "乙"]
    assert session.asked("甲") is session and session.asked("") is session


def test_a_follow_up_leans_on_six_questions_unless_they_were_taken_away() -> None:
    history = tuple(str(number) for number in range(9))
    session = ChatSession().answered(LastAnswer(Turn("末", history)))
    assert session.history == ("4", "5", "6", "7", "8", "末")
    alone = session.answered_again(LastAnswer(Turn("末", history, without=(FOLLOWUP,))))
    assert alone.history == ("末",) and len(alone.turns) == 1
    assert ChatSession().history == ()


def test_after_a_question_without_an_answer_no_chip_can_be_taken_away() -> None:
    session = ChatSession().answered(LastAnswer(Turn("问"), ("year:2021",), "html"))
    failed = session.failed()
    assert failed.last is not None and failed.last.chips == () and failed.turns == session.turns
    assert ChatSession().failed() == ChatSession()


def test_a_session_that_another_account_names_is_empty() -> None:
    lin = ChatSession.restored(None, "lin").answered(LastAnswer(Turn("谁也别看")))
    for account in ("lin", "su"):
        connection = HTTPConnection({"type": "http", "state": {"visitor": Visitor("reader", account)}})
        request = gr.Request(connection)
        assert chat._own(lin, request) == (lin if account == "lin" else ChatSession(account="su"))
