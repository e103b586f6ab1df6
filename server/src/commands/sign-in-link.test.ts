import fs from "node:fs"
import path from "node:path"
import { randomBytes } from "node:crypto"
import { afterAll, expect, inject, test } from "vitest"
import { createHome, runTocsin } from "../../../test/support/command.ts"
import { databaseAt, runSql } from "../../../test/support/sql.ts"

const home = createHome()
const name = `l${randomBytes(8).toString("hex")}`

afterAll(async () => {
    fs.rmSync(home, { recursive: true, force: true })
    await runSql(inject("clusterUrl"), `drop database ${name} with (force)`)
})

test("lets a staff member sign in again, and no other person", async () => {
    await runSql(inject("clusterUrl"), `create database ${name}`)
    const at = ["--database-url", databaseAt(inject("clusterUrl"), name), "--key-file", path.join(home, "k", "key")]
    const people = ["--operator", "Ada Byron <ada@o.example>", "--operator", "Bo Diddley <bo@o.example>"]
    expect((await runTocsin(home, ["init", ...at, ...people])).code).toBe(0)

    const again = await runTocsin(home, [
        "sign-in-link",
        "ada@o.example",
        ...at,
        "--console-origin",
        "https://c.example",
    ])
    expect({ code: again.code, err: again.err }).toEqual({ code: 0, err: "" })
    expect(again.out).toMatch(/^https:\/\/c\.example\/sign-in#[A-Za-z0-9_-]{43}\n$/)

    const ended = await runTocsin(home, [
        "sign-in-link",
        "bo@o.example",
        ...at,
        "--console-origin",
        "https://c.example",
        "--json",
    ])
    const link = expect.stringMatching(/^https:\/\/c\.example\/sign-in#[A-Za-z0-9_-]{43}$/) as string
    expect(JSON.parse(ended.out)).toEqual({ name: "Bo Diddley", mail: "bo@o.example", link })

    const nobody = await runTocsin(home, ["sign-in-link", "eve@o.example", ...at])
    expect({ code: nobody.code, out: nobody.out }).toEqual({ code: 1, out: "" })
    expect(nobody.err).toContain("link.person_not_found")
})

test("adds an approver only where no person is left to sign", async () => {
    const url = databaseAt(inject("clusterUrl"), name)
    const at = ["--database-url", url, "--key-file", path.join(home, "k", "key"), "--approver", "Cy Twombly"]
    const early = await runTocsin(home, ["sign-in-link", "cy@o.example", ...at])
    expect({ code: early.code, out: early.out }).toEqual({ code: 1, out: "" })
    expect(early.err).toContain("approval.signer_available")
    await runSql(url, "update persons set left_at = now() where 'approver' = any(roles)")
    const missingSlots = await runTocsin(home, ["sign-in-link", "cy@o.example", ...at, "--json"])
    expect({ code: missingSlots.code, err: missingSlots.err }).toEqual({ code: 0, err: "" })
    expect(JSON.parse(missingSlots.out)).toMatchObject({ name: "Cy Twombly", mail: "cy@o.example" })
})
