import fs from "node:fs"
import path from "node:path"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import { afterAll, expect, test } from "vitest"
import { type RunningCommand, createHome, runTocsin, startTocsin } from "../../../test/support/command.ts"

const home = createHome()
const running: RunningCommand[] = []

afterAll(() => {
    for (const { child } of running) child.kill("SIGKILL")
    fs.rmSync(home, { recursive: true, force: true })
})

const at = (name: string) => path.join(home, name)
const programAt = (name: string) => ["--data", at(name), "--key-file", at(`${name}-keys/key`)]

async function serve(name: string, ...more: string[]) {
    const ports = ["--console-port", "0", "--portal-port", "0", "--json"]
    const server = await startTocsin(home, ["serve", ...programAt(name), ...ports, ...more])
    running.push(server)
    const { portal } = JSON.parse(server.firstOutput) as { portal: { port: number } }
    return { server, portal: `http://127.0.0.1:${portal.port}` }
}

test("a killed program is restored elsewhere from a backup, and serves no partner yet", async () => {
    const identity = await generateX25519Identity()
    const recipient = await identityToRecipient(identity)
    fs.writeFileSync(at("identity.txt"), `${identity}\n`, { mode: 0o600 })
    fs.mkdirSync(at("backups"))
    const people = ["--operator", "Ada Byron <ada@operator.example>", "--operator", "Bo Diddley <bo@operator.example>"]
    expect((await runTocsin(home, ["init", ...programAt("one"), ...people])).code).toBe(0)
    const plan = ["--backup-folder", at("backups"), "--backup-recipients", recipient]
    const first = await serve("one", ...plan)
    const list = () => fs.readdirSync(at("backups")).filter((name) => name.endsWith(".age"))
    await expect.poll(list).toHaveLength(1)

    // By hand, while the server runs on its private PostgreSQL.
    const made = await runTocsin(home, [
        "backup",
        ...programAt("one"),
        "--recipient",
        recipient,
        "--out",
        at("b.age"),
        "--json",
    ])
    expect(JSON.parse(made.out)).toMatchObject({ file: at("b.age"), auditLog: expect.any(Number) })
    const verify = ["backup", "verify", at("b.age"), "--identity", at("identity.txt"), "--json"]
    const verified = await runTocsin(home, [...verify, "--key-file", at("one-keys/key")])
    expect(JSON.parse(verified.out)).toMatchObject({ ours: true, schema: expect.stringMatching(/^\d{4}-.*\.sql$/) })
    expect(JSON.parse((await runTocsin(home, verify)).out)).toMatchObject({ ours: false })
    const link = await runTocsin(home, ["sign-in-link", "bo@operator.example", ...programAt("one")])
    expect(link).toMatchObject({ code: 0, out: expect.stringMatching(/^http.*\/sign-in#/) })
    const exported = await runTocsin(home, ["export", ...programAt("one"), "--out", at("export.jsonl")])
    expect(exported.code).toBe(0)
    await first.server.end("SIGKILL")

    fs.cpSync(at("one-keys"), at("two-keys"), { recursive: true })
    const restore = ["restore", at("b.age"), "--identity", at("identity.txt"), ...programAt("two")]
    const restored = await runTocsin(home, restore)
    expect(restored).toMatchObject({ code: 0, err: "" })
    expect(restored.out).toContain("serves no partner until two people end the quarantine")
    const again = await runTocsin(home, restore)
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining("(restore.not_empty)") })

    const { portal } = await serve("two")
    const polled = await fetch(`${portal}/taxii2/`, { headers: { accept: "application/taxii+json;version=2.1" } })
    expect([polled.status, await polled.text()]).toEqual([503, expect.stringContaining("quarantine.active")])
    expect((await fetch(`${portal}/.well-known/security.txt`)).status).toBe(200)
})
