// The zone in which the admin shows times: the browser's. See apps/core/adminkit/time_zone.py.
(function () {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone) {
        const secure = location.protocol === "https:" ? "; secure" : "";
        document.cookie =
            "im_time_zone=" + encodeURIComponent(zone) + "; path=/admin; max-age=31536000; samesite=lax" + secure;
    }
})();

// <button data-copy="id of an element">: its text goes to the clipboard, and the button says so for a moment.
document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-copy]");
    if (!button) {
        return;
    }
    const source = document.getElementById(button.dataset.copy);
    const done = function () {
        const before = button.textContent;
        button.textContent = button.dataset.copied;
        setTimeout(function () {
            button.textContent = before;
        }, 1500);
    };
    if (navigator.clipboard) {
        navigator.clipboard.writeText(source.textContent.trim()).then(done);
    } else {
        // Browsers keep the clipboard from pages without HTTPS; the selection is left to be copied by hand.
        getSelection().selectAllChildren(source);
    }
});

// Nothing is shown before Alpine is there: a browser finds nothing yet to put the focus on, nor can we.
addEventListener("load", function () {
    setTimeout(function () {
        const first = document.querySelector("[autofocus]");
        if (first && document.activeElement === document.body) {
            first.focus();
        }
    });
});

// A box to search rows in stands in the place of a select: it is called by the same label.
addEventListener("load", function () {
    setTimeout(function () {
        document.querySelectorAll("select.select2-hidden-accessible").forEach(function (select) {
            const label = select.id && document.querySelector('label[for="' + select.id + '"]');
            const box = select.nextElementSibling;
            if (label && box) {
                box.querySelectorAll("[role=combobox], [role=textbox]").forEach(function (part) {
                    part.setAttribute("aria-label", label.textContent.replace("*", "").trim());
                });
            }
        });
    });
});

// <button data-leads-to="id of an element">: the focus goes to what it opens, and back to it by Escape.
(function () {
    let opener = null;
    document.addEventListener("click", function (event) {
        const button = event.target.closest("[data-leads-to]");
        if (!button) {
            return;
        }
        setTimeout(function () {
            const opened = document.getElementById(button.dataset.leadsTo);
            if (opened && opened.checkVisibility()) {
                opener = button;
                opened.tabIndex = -1;
                opened.focus({ preventScroll: true });
            }
        }, 50);
    });
    document.addEventListener("keydown", function (event) {
        if (event.key === "Escape" && opener) {
            opener.focus();
            opener = null;
        }
    });
})();

// An answer with a secret in it is the reply to a form. Reloading must not send the form again.
document.addEventListener("DOMContentLoaded", function () {
    const once = document.querySelector("[data-shown-once]");
    if (once) {
        history.replaceState(null, "", once.dataset.shownOnce);
    }
});

// <div data-most-bytes="…">: a file input, and a note that is hidden unless the file is larger. A form with such a
// file is not sent: the server would not read it, and all that was written would be lost.
(function () {
    const isTooLarge = function (place) {
        const file = place.querySelector("input[type=file]").files[0];
        return Boolean(file) && file.size > Number(place.dataset.mostBytes);
    };
    document.addEventListener("change", function (event) {
        const place = event.target.closest("[data-most-bytes]");
        if (place) {
            place.querySelector("[role=alert]").hidden = !isTooLarge(place);
        }
    });
    document.addEventListener("submit", function (event) {
        for (const place of event.target.querySelectorAll("[data-most-bytes]")) {
            if (!isTooLarge(place)) {
                continue;
            }
            if (place.offsetParent === null) {
                place.querySelector("input[type=file]").disabled = true; // not asked for any more
            } else {
                event.preventDefault();
            }
        }
    });
})();

// <form data-sent-on-change>: choosing is enough, as far as nobody has to be asked first.
document.addEventListener("change", function (event) {
    const form = event.target.closest("form[data-sent-on-change]");
    if (form) {
        form.submit();
    }
});

// A form is sent once, however often its button is pressed. Coming back to the page, one may send it again.
document.addEventListener("submit", function (event) {
    const form = event.target;
    // By attributes: a field may be named "target".
    if (event.defaultPrevented || form.getAttribute("method") !== "post" || form.hasAttribute("target")) {
        return;
    }
    if (form.dataset.sent) {
        event.preventDefault();
        return;
    }
    form.dataset.sent = "yes";
});
addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
        delete form.dataset.sent;
    });
});
