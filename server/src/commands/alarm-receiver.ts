/** Opens the receiver of alarm calls. */
import fs from "node:fs"
import { refuse } from "@tocsin/base/refusal"
import type { AlarmReceiver } from "../kernel/services.ts"
import { postAlarm } from "../platform/outgoing/post-alarm.ts"
import type { Settings } from "../platform/config/settings.ts"

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
