"""The desk's addresses."""

from django.urls import path

from newsletter.desk import actions, editions, login

urlpatterns = [
    path("", editions.index, name="desk"),
    path("login", login.ask, name="desk-login"),
    path("login/<str:token>", login.by_link, name="desk-login-link"),
    path("logout", login.leave, name="desk-logout"),
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
