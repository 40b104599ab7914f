"""Django's ORM over SQLite, and Django REST framework on top of it, without a server."""

import json
from typing import Any

import django
from django.conf import settings

if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["*"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=[],
        REST_FRAMEWORK={
            "DEFAULT_AUTHENTICATION_CLASSES": [],
            "DEFAULT_PERMISSION_CLASSES": [],
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
            "UNAUTHENTICATED_USER": None,
        },
        USE_TZ=True,
    )
    django.setup()

from django.db import connection, models
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from benchmarks.answers.asked import PATH, Asked
from benchmarks.answers.peer import COLUMNS, Database, Peer, records


class Lesson(models.Model):
    """A lesson's title."""

    title = models.TextField()

    class Meta:
        app_label, db_table, managed = "answers", "lesson", False


class Coworker(models.Model):
    """What a member is shown as."""

    full_name = models.TextField()
    company_name = models.TextField(null=True)
    team_names = models.TextField(null=True)

    class Meta:
        app_label, db_table, managed = "answers", "coworker", False


class Member(models.Model):
    """An enrolment."""

    coworker = models.ForeignKey(Coworker, models.DO_NOTHING)

    class Meta:
        app_label, db_table, managed = "answers", "member", False


class Completed(models.Model):
    """A completion."""

    lesson = models.ForeignKey(Lesson, models.DO_NOTHING)
    member = models.ForeignKey(Member, models.DO_NOTHING)
    created_on = models.TextField()
    updated_on = models.TextField()
    unique_id = models.TextField()
    updated_by = models.TextField(null=True)
    system_id = models.TextField(null=True)
    to_string_text = models.TextField(null=True)
    localization_details = models.TextField(null=True)
    custom_fields = models.TextField(null=True)

    class Meta:
        app_label, db_table, managed = "answers", "completed", False


_PATHS = {"c": "", "l": "lesson__", "w": "member__coworker__"}
_SHOWN = [_PATHS[name[0]] + name[2:] for name, _ in COLUMNS]


def _narrowed(asked: Asked) -> Any:
    found = Completed.objects.all()
    if asked.lesson_id is not None:
        return found.filter(lesson_id=asked.lesson_id)
    return found if asked.since is None else found.filter(updated_on__gte=asked.since)


def _page(asked: Asked) -> Any:
    order = asked.column, "id"
    ids = _narrowed(asked).order_by(*order).values("id")
    page = ids[asked.skipped : asked.skipped + asked.size]
    return Completed.objects.filter(id__in=page).order_by(*order)


class DjangoOrm:
    """The ORM in its quickest form: values of joined columns, no model objects."""

    name = "Django ORM"

    def answer(self, text: str) -> bytes:
        asked = Asked.of(text)
        rows = list(_page(asked).values_list(*_SHOWN))
        body = asked.body(records(rows), _narrowed(asked).count())
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


class _Record(serializers.Serializer):
    """A record as it is shown. A plain serializer is quicker than one made from the model."""

    CourseLessonId = serializers.IntegerField(source="lesson_id")
    CourseLessonTitle = serializers.CharField(source="lesson.title")
    CourseMemberId = serializers.IntegerField(source="member_id")
    CourseMemberCoworkerFullName = serializers.CharField(source="member.coworker.full_name")
    CourseMemberCoworkerCompanyName = serializers.CharField(source="member.coworker.company_name")
    CourseMemberCoworkerTeamNames = serializers.CharField(source="member.coworker.team_names")
    Id = serializers.IntegerField(source="id")
    UpdatedOn = serializers.CharField(source="updated_on")
    CreatedOn = serializers.CharField(source="created_on")
    UniqueId = serializers.CharField(source="unique_id")
    UpdatedBy = serializers.CharField(source="updated_by")
    IsNew = serializers.SerializerMethodField("is_new")
    SystemId = serializers.CharField(source="system_id")
    ToStringText = serializers.SerializerMethodField("text")
    LocalizationDetails = serializers.CharField(source="localization_details")
    CustomFields = serializers.CharField(source="custom_fields")

    def is_new(self, _: Completed) -> bool:
        """False: what is shown is there."""
        return False

    def text(self, record: Completed) -> str:
        """What the record is called."""
        own: str | None = record.to_string_text
        return f"CourseCompletedLesson {record.pk}" if own is None else own


class _View(APIView):
    """The list."""

    def get(self, request: Any) -> Any:
        """A page of it."""
        asked = Asked.of(request.META["QUERY_STRING"])
        page = _page(asked).select_related("lesson", "member__coworker")
        return Response(asked.body(_Record(page, many=True).data, _narrowed(asked).count()))


class DjangoRest:
    """A view with a serializer, called as the framework's own test client calls it."""

    name = "Django REST framework"

    def __init__(self) -> None:
        self._view = _View.as_view()
        self._requests = APIRequestFactory()

    def answer(self, text: str) -> bytes:
        response = self._view(self._requests.get(f"{PATH}?{text}"))
        content: bytes = response.render().content
        return content


def peers(database: Database) -> list[Peer]:
    """The ORM and the framework, over `database`."""
    connection.get_new_connection = lambda _: database
    connection.connection = None
    connection.ensure_connection()
    return [DjangoOrm(), DjangoRest()]
