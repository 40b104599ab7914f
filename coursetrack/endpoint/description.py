"""The endpoint described in OpenAPI 3.1, from the same tables that the handler reads."""

from typing import Any, assert_never

from coursetrack.domain.values import MAX_ID
from coursetrack.endpoint.bodies import CREATE, UPDATE
from coursetrack.endpoint.readers import DIRECTIONS, MAX_PAGE
from coursetrack.endpoint.responses import Reason
from coursetrack.endpoint.rights import Operation
from coursetrack.endpoint.routes import PATH
from coursetrack.endpoint.vocabulary import ORDER_SPELLINGS, PARAMETERS, Parameter
from coursetrack.listing.fields import Kind

Schema = dict[str, Any]

_INSTANT_PATTERN = (
    "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    "([Tt ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?"
    "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?)?$"
)


def openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 description: a fresh dict each time, ready for ``json.dumps``.

    What a schema cannot say is in the descriptions: names compare in any case, a repeated or
    mistyped filter is refused, unknown names without the entity's prefix are ignored.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "CourseCompletedLesson",
            "version": "1.0.0",
            "summary": "Which lessons members have completed.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "security": [{"bearer": []}],
        "paths": {
            PATH: {"get": _list(), "post": _create(), "put": _update()},
            f"{PATH}/{{id}}": {"parameters": [_path_id()], "get": _get_one(), "delete": _delete()},
        },
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
            "responses": _responses(),
        },
    }


# -- operations


def _operation(operation: Operation, summary: str, answers: Schema) -> Schema:
    return {
        "operationId": "".join(word.capitalize() for word in operation.split()),
        "summary": summary,
        "description": (
            "For a full unrestricted administrator, or a principal with the role "
            f"`{operation.role}`."
        ),
        "responses": {**answers, "401": _answer("Unauthorized")},
    }


def _list() -> Schema:
    page_or_several = {"anyOf": [_schema("Page"), {"type": "array", "items": _schema("Record")}]}
    found = _operation(
        Operation.LIST,
        "A page of the records that match, with exact totals; or several by id.",
        {"200": _json("A page; a bare array for a list of ids.", page_or_several)}
        | {"400": _answer("Invalid")},
    )
    found["description"] += (
        f" A bracketed list as `id` asks for several records and takes `{Operation.GET_ONE.role}`."
    )
    return {**found, "parameters": [_parameter(each) for each in PARAMETERS]}


def _get_one() -> Schema:
    answers = {"200": _json("The record.", _schema("Record")), "404": _answer("NotFound")}
    return _operation(Operation.GET_ONE, "One record.", answers)


def _create() -> Schema:
    answers = {"200": _json("Created.", _schema("Saved")), "400": _answer("Invalid")}
    found = _operation(Operation.CREATE, "Records a completion by hand.", answers)
    return {**found, "requestBody": _body(*CREATE)}


def _update() -> Schema:
    answers = {
        "200": _json("Updated.", _schema("Saved")),
        "400": _answer("Invalid"),
        "404": _answer("NotFound"),
    }
    found = _operation(Operation.UPDATE, "Moves a completion to another pair.", answers)
    return {**found, "requestBody": _body(*UPDATE)}


def _delete() -> Schema:
    answers = {"200": _json("Deleted.", _schema("Deleted")), "404": _answer("NotFound")}
    return _operation(Operation.DELETE, "Removes a completion.", answers)


# -- what is sent


def _parameter(each: Parameter) -> Schema:
    return {"name": each.name, "in": "query", "description": each.about, "schema": _sent(each)}


def _sent(each: Parameter) -> Schema:
    match each.kind:
        case None:
            return _sent_for_paging(each)
        case Kind.ID:
            listed = {"type": "string", "pattern": "^\\[[1-9][0-9]{0,17}(,[1-9][0-9]{0,17})*\\]$"}
            return {"anyOf": [_id(), listed]} if each.name == "id" else _id()
        case Kind.UNIQUE_ID:
            return {"type": "string", "pattern": _UNIQUE_ID}
        case Kind.INSTANT:
            return {"type": "string", "pattern": _INSTANT_PATTERN}
        case Kind.TEXT | Kind.TEAMS | Kind.CODE:
            return {"type": "string"}
        case _:
            assert_never(each.kind)


def _sent_for_paging(each: Parameter) -> Schema:
    match each.field:
        case "page":
            return {"type": "integer", "minimum": 1, "maximum": MAX_PAGE}
        case "size":
            return {"type": "integer", "minimum": 1}
        case "direction":
            texts = [name for name in DIRECTIONS if name.isalpha()]
            return {"enum": [1, -1, 0, *texts], "default": 1}
        case _:
            spellings = (*ORDER_SPELLINGS, *ORDER_SPELLINGS.values())
            return {"type": "string", "enum": list(spellings), "default": "Id"}


def _path_id() -> Schema:
    return {"name": "id", "in": "path", "required": True, "schema": _id()}


def _body(*names: str) -> Schema:
    schema = {
        "type": "object",
        "required": list(names),
        "properties": {name: _id() for name in names},
    }
    return {"required": True, "content": {"application/json": {"schema": schema}}}


# -- what is answered


def _schemas() -> Schema:
    return {
        "Record": _record(),
        "Page": _page(),
        "Saved": _saved(_schema("Record")),
        "Deleted": _saved(_object({"Id": _id()})),
        "Failure": _failure(),
        "Refusal": _refusal(),
    }


def _record() -> Schema:
    return _object(
        {
            "CourseLessonId": _number(),
            "CourseLessonTitle": _optional_text(),
            "CourseMemberId": _number(),
            "CourseMemberCoworkerFullName": _optional_text(),
            "CourseMemberCoworkerCompanyName": _optional_text(),
            "CourseMemberCoworkerTeamNames": _optional_text(),
            "Id": _id(),
            "UpdatedOn": _shown_instant(),
            "CreatedOn": _shown_instant(),
            "UniqueId": {"type": "string", "pattern": _UNIQUE_ID},
            "UpdatedBy": _optional_text(),
            "IsNew": {"const": False},
            "SystemId": _optional_text(),
            "ToStringText": {"type": "string"},
            "LocalizationDetails": {},
            "CustomFields": {},
        }
    )


def _page() -> Schema:
    return _object(
        {
            "Records": {"type": "array", "items": _schema("Record")},
            "CurrentPageSize": _number(1),
            "CurrentPage": _number(1),
            "CurrentOrderField": {"type": "string", "enum": list(ORDER_SPELLINGS)},
            "CurrentSortDirection": {"enum": [1, -1]},
            "FirstItem": _number(1),
            "HasNextPage": {"type": "boolean"},
            "HasPreviousPage": {"type": "boolean"},
            "LastItem": _number(),
            "PageNumber": _number(1),
            "PageSize": _number(1),
            "TotalItems": _number(),
            "TotalPages": _number(),
        }
    )


def _saved(value: Schema) -> Schema:
    return _envelope({"const": 200}, value, {"const": True}, {"type": "null"})


def _failure() -> Schema:
    error = _object(
        {
            "AttemptedValue": {"type": ["string", "number", "boolean", "null"], "maxLength": 80},
            "Message": {"type": "string"},
            "PropertyName": {"type": "string", "maxLength": 80},
        }
    )
    errors = {"type": "array", "minItems": 1, "items": error}
    return _envelope({"const": 500}, {"type": "null"}, {"const": False}, errors)


def _envelope(status: Schema, value: Schema, successful: Schema, errors: Schema) -> Schema:
    return _object(
        {
            "Status": status,
            "Message": {"type": "string"},
            "Value": value,
            "WasSuccessful": successful,
            "Errors": errors,
        }
    )


def _refusal() -> Schema:
    reasons = [str(Reason.UNAUTHENTICATED), str(Reason.MISSING_ROLE)]
    return _object({"Message": {"type": "string"}, "Reason": {"enum": reasons}})


def _responses() -> Schema:
    challenge = {"required": True, "schema": {"type": "string"}}
    return {
        "Invalid": _json("All that is wrong with the request.", _schema("Failure")),
        "NotFound": _json("There is no such record.", {"const": "Not found"}),
        "Unauthorized": {
            **_json("Nobody, or a principal without the role.", _schema("Refusal")),
            "headers": {"WWW-Authenticate": challenge},
        },
    }


# -- pieces

_UNIQUE_ID = "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"


def _id() -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": MAX_ID}


def _number(minimum: int = 0) -> Schema:
    return {"type": "integer", "minimum": minimum}


def _optional_text() -> Schema:
    return {"type": ["string", "null"]}


def _shown_instant() -> Schema:
    return {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$"}


def _object(properties: Schema) -> Schema:
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def _schema(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(name: str) -> Schema:
    return {"$ref": f"#/components/responses/{name}"}


def _json(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
