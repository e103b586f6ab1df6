/** Light or dark: the system's choice, until the viewer picks one in this browser. */
const key = "tocsin theme"

type Theme = "light" | "dark"

const root = (): HTMLElement => document.documentElement

/** Applies the stored choice before the first screen is drawn. */
export function applyTheme(): void {
    const stored = window.localStorage.getItem(key)
    if (stored === "light" || stored === "dark") root().dataset["theme"] = stored
}

export function switchTheme(): void {
    const shown: Theme =
        (root().dataset["theme"] as Theme | undefined) ??
        (window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")
    const next: Theme = shown === "dark" ? "light" : "dark"
    root().dataset["theme"] = next
    window.localStorage.setItem(key, next)
}
