"""What the API says is offered."""

from tests.integration.interop.conftest import Api


def slugs(answer: object, name: str) -> list[str]:
    return [one["slug"] for one in answer.get_json()[name]]  # type: ignore[attr-defined]


class TestServices:
    def test_tells_the_public_what_may_be_booked_online(self, api: Api) -> None:
        answer = api.get("/services")
        assert slugs(answer, "services") == ["fu", "eval", "gait", "class", "video", "screened"]
        assert answer.get_json()["services"][4] == {
            "slug": "video",
            "name": "Video visit",
            "minutes": 30,
            "modality": "telehealth",
            "price_cents": 9000,
            "currency": "usd",
            "capacity": 1,
            "online": True,
        }

    def test_tells_staff_all_of_it(self, api: Api) -> None:
        found = slugs(api.get("/services", role="auditor"), "services")
        assert found[-2:] == ["inside", "nobody"]

    def test_refuses_a_parameter(self, api: Api) -> None:
        for path in ("/services", "/practitioners", "/locations"):
            answer = api.get(path, page="2")
            assert answer.status_code == 422
            assert list(answer.get_json()["errors"]) == ["page"]

    def test_refuses_a_token_that_is_not_known(self, api: Api) -> None:
        for given in ("Bearer nobody", "Bearer", "Basic YTpi", ""):
            answer = api.call("GET", "/services", headers={"Authorization": given})
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert answer.get_json()["type"].endswith("unauthorized")


class TestPractitioners:
    def test_shows_the_public_licences_in_force_without_numbers(self, api: Api) -> None:
        answer = api.get("/practitioners")
        assert answer.get_json()["practitioners"][0] == {
            "slug": "osei",
            "name": "Amara Osei",
            "licences": [{"state": "NY", "kind": "PT"}],
            "services": ["fu", "eval", "gait", "class", "video", "screened"],
        }
        assert "000111" not in answer.text

    def test_leaves_out_who_does_nothing_online(self, api: Api) -> None:
        assert slugs(api.get("/practitioners"), "practitioners") == ["osei", "quist"]

    def test_shows_staff_everybody_with_numbers(self, api: Api) -> None:
        answer = api.get("/practitioners", role="admin")
        assert slugs(answer, "practitioners") == ["osei", "quist", "reyes"]
        assert [one["number"] for one in answer.get_json()["practitioners"][0]["licences"]] == [
            "000111",
            "000222",
        ]


class TestLocations:
    def test_shows_where_and_in_which_zone(self, api: Api) -> None:
        assert api.get("/locations").get_json()["locations"] == [
            {
                "slug": "main",
                "name": "Main office",
                "time_zone": "America/New_York",
                "address": "1 Example Street",
            }
        ]


class TestProblems:
    def test_answers_an_unknown_address_as_a_problem(self, api: Api) -> None:
        answer = api.get("/nothing")
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
        assert answer.get_json()["type"].endswith("not-found")

    def test_answers_a_wrong_method_as_a_problem(self, api: Api) -> None:
        answer = api.call("DELETE", "/services")
        assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
        assert "GET" in answer.headers["Allow"]

    def test_answers_too_large_a_body_as_a_problem(self, api: Api) -> None:
        answer = api.call(
            "POST", "/appointments", data=b" " * (5 << 20), content_type="application/json"
        )
        assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


class TestClinicWithoutSetUp:
    def test_is_unavailable(self, app: object) -> None:
        answer = Api(app).get("/services")  # type: ignore[arg-type]
        assert answer.status_code == 503
        assert answer.get_json()["type"].endswith("no-clinic")
        assert answer.headers["Retry-After"]
