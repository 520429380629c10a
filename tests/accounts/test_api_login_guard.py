def test_whoever_guesses_is_told_when_to_try_again(nobody_api, app, alice, settings):
    settings.IM_LOGIN_FAILURES_PER_USER = 3
    guess = {"appkey": app.app_key, "username": "alice", "password": "wrong", "platform": "j"}

    answers = [nobody_api.call("post", "/client/v1/sessions", guess) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert answers[-1].json()["error"]["code"] == 2001
    assert int(answers[-1].headers["Retry-After"]) >= 1
