import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterAll, expect, test } from "vitest"
import { formatSecret } from "@tocsin/formats/standard-webhooks"
import { readSettings } from "../platform/config/settings.ts"
import { readAlarmReceiver } from "./alarm-receiver.ts"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "alarm-secret-"))
const file = path.join(folder, "secret")
afterAll(() => fs.rmSync(folder, { recursive: true }))

const flags = { alarmWebhook: "https://alarms.example.org/in?token=hidden", alarmSecretFile: file }
const read = () => readAlarmReceiver(readSettings(flags, {}))

test("a file has the secret in the form of Standard Webhooks", () => {
    fs.writeFileSync(file, `${formatSecret(Buffer.alloc(32, 5))}\n`, { mode: 0o644 })
    expect(read).toThrow("others can read")
    fs.chmodSync(file, 0o600)
    expect(read()?.secret).toEqual(Buffer.alloc(32, 5))
    expect(readAlarmReceiver(readSettings({}, {}))).toBe(null)
})

test.each([
    ["a short secret", formatSecret(Buffer.alloc(23))],
    ["a long secret", formatSecret(Buffer.alloc(65))],
    ["no prefix", Buffer.alloc(32).toString("base64")],
    ["nothing", ""],
])("refuses a file with %s", (_, text) => {
    fs.writeFileSync(file, text)
    expect(read).toThrow(expect.objectContaining({ code: "settings.alarm_secret" }))
})

test("refuses a file that is missing", () => {
    fs.rmSync(file)
    expect(read).toThrow(expect.objectContaining({ code: "settings.alarm_secret" }))
})

test.each(["http://alarms.example.org/in?token=hidden", "ftp://localhost/hidden", "https://a:hidden@b.example"])(
    "refuses %s, and does not repeat it",
    (alarmWebhook) => {
        try {
            readSettings({ ...flags, alarmWebhook }, {})
            expect.unreachable()
        } catch (error) {
            expect(error).toMatchObject({ code: "settings.invalid" })
            expect(String(error)).not.toContain("hidden")
        }
    },
)

test("a receiver needs a secret", () => {
    expect(() => readSettings({ alarmWebhook: flags.alarmWebhook }, {})).toThrow(
        expect.objectContaining({ code: "settings.alarm_incomplete" }),
    )
})
