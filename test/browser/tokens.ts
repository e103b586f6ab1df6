/** Makes tokens on "Your access", as a person does. */
import type { Page } from "playwright-core"

/**
 * Makes a token with this name and returns its secret, which the page shows once. `key`: the public key to which it is
 * bound.
 */
export async function makeToken(page: Page, name: string, key?: string): Promise<string> {
    await page.getByRole("button", { name: "Make a token…" }).click()
    const dialog = page.getByRole("dialog")
    await dialog.getByLabel("Name").fill(name)
    for (const scope of await dialog.getByRole("checkbox").all()) await scope.check({ force: true })
    if (key !== undefined) {
        await dialog.getByText("Bind it to a key").click()
        await dialog.getByLabel("Public key or its thumbprint").fill(key)
    }
    await dialog.getByRole("button", { name: "Make token" }).click()
    await dialog.waitFor({ state: "detached" })
    return (
        (await page.getByRole("region", { name: "Tokens", exact: true }).locator(".hash").first().textContent()) ?? ""
    )
}
