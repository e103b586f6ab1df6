/** Makes tokens on "Your access", as a person does. */
import type { Page } from "playwright-core"

/** Makes a token with this name and returns its secret, which the page shows once. */
export async function makeToken(page: Page, name: string): Promise<string> {
    await page.getByRole("button", { name: "Make a token…" }).click()
    const dialog = page.getByRole("dialog")
    await dialog.getByLabel("Name").fill(name)
    for (const scope of await dialog.getByRole("checkbox").all()) await scope.check({ force: true })
    await dialog.getByRole("button", { name: "Make token" }).click()
    await dialog.waitFor({ state: "detached" })
    return (
        (await page.getByRole("region", { name: "Tokens", exact: true }).locator(".hash").first().textContent()) ?? ""
    )
}
