/** The reference of settings, from the table that reads them and the comments beside their types. */
import type { Command } from "commander"
import {
    type SettingName,
    formOf,
    readSettings,
    settingNames,
    variableOf,
} from "../../server/src/platform/config/settings.ts"
import { generatedNote, tableOf } from "./markdown.ts"

const head = `# Settings

${generatedNote}
A setting comes from the flag, else from the environment, else from the JSON file that \`--settings\` names, else its
default applies.
In the file, a key is the name in the first column. An unknown key is refused (\`settings.not_found\`).
\`DATABASE_URL\` is the same as
\`TOCSIN_DATABASE_URL\`. Settings without a flag are set by the environment or the file.

`

/** Defaults that are the machine's or another setting's. */
const relativeDefaults: Partial<Record<SettingName, string>> = {
    dataDir: "`~/.local/share/tocsin`",
    keyFile: "a file in `~/.config/tocsin`",
    consoleOrigin: "`http://localhost:` and the console's port",
    portalOrigin: "`http://localhost:` and the portal's port",
    canaryHost: "as `host`",
}

/** `source`: the text of settings.ts; `program`: the command tree, for the flags. */
export function renderSettings(source: string, program: Command): string {
    const defaults = readSettings({}, { HOME: "/" })
    const flags = new Map(
        program.commands.flatMap(({ options }) => options.map((option) => [option.attributeName(), option.long ?? ""])),
    ).set("dataDir", "--data")
    const rows = settingNames.map((name) => {
        const value = defaults[name]
        const isSet = value !== null && value !== ""
        return [
            `\`${name}\``,
            meaningOf(source, name),
            formOf(name),
            relativeDefaults[name] ?? (isSet ? `\`${value}\`` : "not set"),
            [flags.get(name), variableOf(name)].flatMap((each) => (each ? [`\`${each}\``] : [])).join(", "),
        ]
    })
    return head + tableOf(["setting", "meaning", "value", "default", "flag, variable"], rows)
}

/** The comment above a field of \`Settings\`. */
function meaningOf(source: string, name: SettingName): string {
    const comment = new RegExp(`/\\*\\* (.*?) \\*/\\s*readonly ${name}:`).exec(source)?.[1]
    if (comment === undefined) throw new Error(`the setting \`${name}\` has no comment`)
    return comment.replaceAll(/\s*\n\s*\*?\s*/g, " ").trim()
}
