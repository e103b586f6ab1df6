/**
 * Opens the receiver of alarm calls, and runs `tocsin test-alarm`, which calls it as if an alarm began and ended.
 */
import { randomUUID } from "node:crypto"
import fs from "node:fs"
import type { Command } from "commander"
import { refuse } from "@tocsin/base/refusal"
import type { AlarmReceiver } from "../kernel/services.ts"
import { postAlarm } from "../platform/outgoing/post-alarm.ts"
import type { Settings } from "../platform/config/settings.ts"
import { realNow } from "../platform/time/clock.ts"
import { type TestedAlarm, requestOf } from "../trace/alarm-calls/alarm-call.ts"
import { type ProgramFlags, settingsFrom, withProgramFlags } from "./processes.ts"

/**
 * Refuses `settings.alarm_secret` for a file without a secret of 24 to 64 bytes, and `settings.alarm_secret_exposed`
 * for one that others can read.
 */
export function readAlarmReceiver({ alarmWebhook: url, alarmSecretFile: file }: Settings): AlarmReceiver | null {
    if (url === null || file === null) return null
    return { secret: readSecret(file), post: (headers, body) => postAlarm(url, headers, body) }
}

function readSecret(file: string): Buffer {
    if (fs.existsSync(file) && (fs.statSync(file).mode & 0o077) !== 0)
        refuse("forbidden", "settings.alarm_secret_exposed", `others can read \`${file}\`: set its mode to 0600`)
    const [, text = ""] = /^whsec_([A-Za-z0-9+/]{32,86}={0,2})\s*$/.exec(readText(file)) ?? []
    const secret = Buffer.from(text, "base64")
    if (secret.length >= 24 && secret.length <= 64) return secret
    return refuse(
        "invalid",
        "settings.alarm_secret",
        `the file \`${file}\` has no secret: write \`whsec_\` and the base64 of 24 to 64 random bytes into it`,
    )
}

function readText(file: string): string {
    try {
        return fs.readFileSync(file, "utf8")
    } catch {
        return ""
    }
}

/** Adds `tocsin test-alarm` to the program. */
export function testAlarmCommand(program: Command): void {
    const command = program
        .command("test-alarm")
        .description("Call the receiver of alarms: the alarm `test` begins and ends")
    withProgramFlags(command)
        .option("--console-origin <url>", "where operators reach the console; the calls name it")
        .option("--alarm-webhook <url>", "the receiver of alarms, for staff on call")
        .option("--alarm-secret-file <file>", "the secret that signs calls to it: `whsec_…`")
        .action(runTestAlarm)
}

async function runTestAlarm(flags: ProgramFlags): Promise<void> {
    const settings = settingsFrom(flags)
    const receiver = readAlarmReceiver(settings)
    if (receiver === null) {
        refuse("invalid", "alarm.no_receiver", "no receiver is set: set `alarmWebhook` and `alarmSecretFile`")
    }
    const alarm: TestedAlarm = { id: randomUUID(), code: "test", since: realNow(), clearedAt: null, call: 1 }
    const calls = [
        { state: "raised", call: alarm },
        { state: "cleared", call: { ...alarm, clearedAt: realNow(), call: 2 } },
    ]
    let isAccepted = true
    for (const { state, call } of calls) {
        const { headers, body } = requestOf(call, settings.consoleOrigin, receiver.secret, realNow())
        const status = await receiver.post(headers, body)
        isAccepted &&= status !== null && status >= 200 && status < 300
        const outcome = status === null ? "no answer: not reached, or later than five seconds" : `answered ${status}`
        process.stdout.write(`alarm.${state}: ${outcome}\n`)
    }
    if (!isAccepted)
        refuse("unavailable", "alarm.not_accepted", "the receiver did not accept both calls: it must answer 2xx")
}
