/** Runs `tocsin test-alarm`: calls the receiver of alarms as if an alarm began and ended, and says what it answered. */
import { randomUUID } from "node:crypto"
import type { Command } from "commander"
import { refuse } from "@tocsin/base/refusal"
import { type TestedAlarm, requestOf } from "../trace/alarm-calls/alarm-call.ts"
import { readAlarmReceiver } from "./alarm-receiver.ts"
import { type ProgramFlags, settingsFrom, withProgramFlags } from "./processes.ts"

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
    const alarm: TestedAlarm = { id: randomUUID(), code: "test", since: Date.now(), clearedAt: null, call: 1 }
    for (const call of [alarm, { ...alarm, clearedAt: Date.now(), call: 2 }]) {
        const { headers, body } = requestOf(call, settings.consoleOrigin, receiver.secret, Date.now())
        const status = await receiver.post(headers, body)
        const state = call.clearedAt === null ? "raised" : "cleared"
        if (status === null || status < 200 || status >= 300) refuseStatus(state, status)
        process.stdout.write(`alarm.${state}: the receiver answered ${status}\n`)
    }
}

function refuseStatus(state: string, status: number | null): never {
    refuse(
        "unavailable",
        "alarm.not_accepted",
        `the receiver did not accept \`alarm.${state}\`: it answered \`${status ?? "nothing in five seconds"}\``,
    )
}
