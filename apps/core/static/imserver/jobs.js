// The bar of a job that is under way asks how far it is, and loads the page anew once the job is over.
document.addEventListener("DOMContentLoaded", function () {
    const place = document.querySelector("[data-progress]");
    if (!place) {
        return;
    }
    const bar = place.querySelector("progress");
    const text = place.querySelector("span");
    const look = async function () {
        let pause = 1000;
        try {
            const response = await fetch(place.dataset.progress, { headers: { Accept: "application/json" } });
            const told = await response.json();
            if (told.over) {
                location.reload();
                return;
            }
            if (told.total) {
                bar.max = told.total;
                bar.value = told.done;
            }
            text.textContent = told.counted;
        } catch {
            pause = 5000; // the server is away, or one has been logged out: the page says so when it is loaded
        }
        setTimeout(look, pause);
    };
    setTimeout(look, 1000);
});
