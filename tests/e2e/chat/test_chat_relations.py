"""What friends, shields, silence and do-not-disturb do to the page."""

from playwright.sync_api import expect


def marks(person):
    return person.page.locator('.conversation [data-part="quiet"]:visible')


def test_a_new_friend_is_no_conversation(site, pair):
    alice, bob = pair
    stranger = site.register("carol")
    for friend in (bob.username, stranger):
        site.call("POST", f"/v1/users/{alice.username}/friends", [friend])

    bob.say("still here")
    alice.expect_said("Hello, Bob!", "still here")

    for one in pair:
        expect(one.page.locator(".conversation")).to_have_count(1)


def test_a_shielded_group_is_marked_and_keeps_still_until_it_is_heard_again(site, pair, gid):
    alice, bob = pair
    shields = f"/v1/users/{bob.username}/groupsShield"
    site.call("POST", shields, {"add": [gid]})
    expect(marks(bob)).to_have_text("Shielded")

    alice.say("unheard")
    alice.expect_status("unheard", "sent")
    site.call("POST", shields, {"remove": [gid]})
    expect(marks(bob)).to_have_count(0)
    alice.say("heard")

    bob.expect_said("heard")
    bob.page.reload()
    bob.open("Hikers")
    bob.expect_said("unheard", "heard")  # one may look it up
    expect(marks(alice)).to_have_count(0)


def test_what_does_not_disturb_is_marked_and_told(site, pair, gid):
    alice, bob = pair
    quiet = {"single": {"add": [alice.username]}, "group": {"add": [gid]}}
    site.call("POST", f"/v1/users/{bob.username}/nodisturb", quiet)

    expect(marks(bob)).to_have_text(["Do not disturb"] * 2)
    alice.say("quietly")
    bob.expect_said("quietly")


def test_who_is_silenced_is_told_so_and_by_whom_it_is_read(site, pair, gid):
    alice, bob = pair
    silence = f"/v1/groups/messages/{gid}/silence?status="
    site.call("PUT", f"{silence}true", [bob.username])

    told = f"May not speak in the group any more: {bob.username}"
    for one in pair:
        expect(one.page.locator(".event").last).to_contain_text(told)
    bob.say("may I?")
    expect(bob.page.locator('[data-part="reason"]')).to_contain_text(
        "You may not speak in this group"
    )
    site.call("PUT", f"{silence}false", [bob.username])
    bob.page.locator('[data-part="again"]').click()
    alice.expect_said("may I?")
