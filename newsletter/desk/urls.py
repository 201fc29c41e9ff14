"""The desk's addresses."""

from django.urls import path

from newsletter.desk import actions, editions, log, login, me, staff

urlpatterns = [
    path("", editions.index, name="desk"),
    path("login", login.ask, name="desk-login"),
    path("login/password", login.by_password, name="desk-login-password"),
    path("login/mail", login.send_link, name="desk-login-mail"),
    path("login/code", login.code, name="desk-code"),
    path("login/<str:token>", login.by_link, name="desk-login-link"),
    path("logout", login.leave, name="desk-logout"),
    path("me", me.show, name="desk-me"),
    path("me/password", me.password, name="desk-password"),
    path("me/second-step", me.second_step, name="desk-second-step"),
    path("me/second-step/set", me.set_second_step, name="desk-second-step-set"),
    path("me/codes", me.new_codes, name="desk-codes"),
    path("me/sessions", me.end_sessions, name="desk-sessions"),
    path("staff", staff.index, name="desk-staff"),
    path("staff/invite", staff.invite, name="desk-invite"),
    path("staff/<int:member>/role", staff.change_role, name="desk-role"),
    path("staff/<int:member>/active", staff.set_active, name="desk-active"),
    path("staff/<int:member>/second-step", staff.take_second_step, name="desk-second-step-take"),
    path("log", log.index, name="desk-log"),
    path("compose", actions.compose, name="desk-compose"),
    path("editions/<int:pk>", editions.show, name="desk-edition"),
    path("editions/<int:pk>/counts", editions.counts, name="desk-counts"),
    path("editions/<int:pk>/preview.<str:form>", editions.preview, name="desk-preview"),
    path("editions/<int:pk>/words", actions.words, name="desk-words"),
    path("editions/<int:pk>/approve", actions.approve, name="desk-approve"),
    path("editions/<int:pk>/schedule", actions.schedule, name="desk-schedule"),
    path("editions/<int:pk>/reopen", actions.reopen, name="desk-reopen"),
    path("editions/<int:pk>/pause", actions.pause, name="desk-pause"),
    path("editions/<int:pk>/resume", actions.resume, name="desk-resume"),
    path("editions/<int:pk>/cancel", actions.cancel, name="desk-cancel"),
    path("editions/<int:pk>/items/<int:item>/edit", actions.edit_item, name="desk-item-edit"),
    path("editions/<int:pk>/items/<int:item>/move", actions.move_item, name="desk-item-move"),
    path("editions/<int:pk>/items/<int:item>/drop", actions.drop_item, name="desk-item-drop"),
]
