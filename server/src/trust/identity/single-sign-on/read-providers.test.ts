/** Tests the file of identity providers: what is read, and what stops the start. */
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { readProviders } from "./actions/read-providers.ts"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-providers-"))
fs.writeFileSync(path.join(folder, "a.secret"), "a secret\n", { mode: 0o600 })
afterAll(() => fs.rmSync(folder, { recursive: true }))

const staff = { id: "staff", name: "SSO", issuer: "https://a.example", clientId: "a", clientSecretFile: "a.secret" }
const forPartner = { ...staff, id: "3f9c1a7be04d52c8", issuer: "https://b.example", for: { domains: ["b.example"] } }

function read(...entries: object[]) {
    const file = path.join(folder, "providers.json")
    fs.writeFileSync(file, JSON.stringify(entries))
    return readProviders(file)
}

describe("the file of identity providers", () => {
    test("names providers of staff and of partners", () => {
        const [first, second] = read({ ...staff, for: "staff" }, forPartner)
        expect(first).toMatchObject({ id: "staff", clientSecret: "a secret", roles: null, scope: "openid" })
        expect(second).toMatchObject({ id: "3f9c1a7be04d52c8", for: { domains: ["b.example"] } })
    })

    test("names a secret for SCIM, which fits into a header and belongs to one provider", () => {
        for (const [name, text] of [
            ["b", "b".repeat(64)],
            ["c", "too short"],
            ["d", "b".repeat(64)],
        ] as const) {
            fs.writeFileSync(path.join(folder, `${name}.secret`), text, { mode: 0o600 })
        }
        const scim = { ...staff, for: "staff", scimSecretFile: "b.secret" }
        expect(read(scim)[0]).toMatchObject({ scimSecret: "b".repeat(64) })
        expect(() => read({ ...scim, scimSecretFile: "c.secret" })).toThrow("`/0/scimSecretFile` needs 40 to 64")
        const used = "`/1/scimSecretFile` has a secret that is used twice"
        expect(() => read(scim, { ...forPartner, scimSecretFile: "d.secret" })).toThrow(used)
        const own = { ...scim, clientSecretFile: "d.secret" }
        expect(() => read(own)).toThrow("`/0/scimSecretFile` has a secret that is used twice")
    })

    test("refuses a provider of partners that a stranger can guess", () => {
        expect(() => read({ ...staff, for: "staff" }, { ...forPartner, id: "3f9c1a7be04d52c" })).toThrow(
            "the file of identity providers: `/1/id` needs 16 characters or more: choose random ones",
        )
    })
})
