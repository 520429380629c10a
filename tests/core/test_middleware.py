def test_the_api_speaks_english_after_a_page_in_another_language(api):
    page = api.get("/admin/login/", HTTP_ACCEPT_LANGUAGE="zh-hans")
    answer = api.call("put", "/users/alice/password", {})

    assert "zh-hans" in page.headers["Content-Language"]
    assert answer.json()["error"]["message"] == "new_password: This field is required."
