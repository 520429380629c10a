// <input data-suggestions="address">: what is typed is looked for there, in the app that the form names, and what
// was found is offered by the browser's own list.
(function () {
    const PAUSE = 150; // milliseconds without a key
    let timer = 0;
    let asked = 0;

    const listOf = function (box) {
        if (!box.list) {
            const list = document.createElement("datalist");
            list.id = box.id + "-suggestions";
            box.after(list);
            box.setAttribute("list", list.id);
        }
        return box.list;
    };

    const found = async function (address) {
        try {
            return (await (await fetch(address)).json()).results;
        } catch {
            return []; // the server is away, or one has been logged out
        }
    };

    const suggest = async function (box) {
        const app = box.form.elements.namedItem("app");
        const query = new URLSearchParams({ term: box.value });
        if (app) {
            query.set("app", app.value);
        }
        asked += 1;
        const mine = asked;
        const results = await found(box.dataset.suggestions + "?" + query);
        if (mine !== asked) {
            return; // more has been typed since
        }
        const options = results.map(function (row) {
            const option = document.createElement("option");
            option.value = row.value;
            option.label = row.label;
            return option;
        });
        listOf(box).replaceChildren(...options);
    };

    document.addEventListener("input", function (event) {
        const box = event.target.closest("[data-suggestions]");
        // What was taken from the list comes as a replacement, or not as typing at all.
        if (!box || !event.inputType || event.inputType === "insertReplacementText") {
            return;
        }
        clearTimeout(timer);
        timer = setTimeout(suggest, PAUSE, box);
    });
})();
