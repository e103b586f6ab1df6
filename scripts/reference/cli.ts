/** The reference of commands, from the tree that `tocsin` runs. */
import type { Command } from "commander"
import { generatedNote, tableOf } from "./markdown.ts"

const head = `# Commands

${generatedNote}
\`npx tocsin COMMAND --help\` shows the same for one command. Results go to standard output, messages to standard error.

Exit codes: 0 success, 1 refused, 2 wrong usage. \`pull\` and \`receive-bounce\` have more.

`

export function renderCommands(program: Command): string {
    const commands = program.commands.toSorted((a, b) => (a.name() < b.name() ? -1 : 1))
    const rows = commands.map((command) => [
        `[\`${command.name()}\`](#tocsin-${command.name()})`,
        command.description(),
    ])
    return (
        head +
        tableOf(["command", "what it does"], rows) +
        commands.map((command) => sectionOf(command, "tocsin")).join("")
    )
}

function sectionOf(command: Command, parents: string): string {
    const name = `${parents} ${command.name()}`
    const inner = command.commands.map((each) => sectionOf(each, name)).join("")
    const shown = command.options.filter((option) => !option.hidden)
    const options = shown.map((option) => [`\`${option.flags}\``, option.description, defaultOf(option.defaultValue)])
    const inputs = command.registeredArguments.map((argument) => [
        `\`${argument.required ? argument.name() : `[${argument.name()}]`}\``,
        argument.description,
        defaultOf(argument.defaultValue),
    ])
    const table = [...inputs, ...options]
    return [
        `\n${"#".repeat(name.split(" ").length)} ${name}\n\n${sentence(command.description())}\n`,
        command.commands.length > 0 ? "" : `\n\`\`\`\n${name} ${command.usage()}\n\`\`\`\n`,
        table.length === 0 ? "" : `\n${tableOf(["option", "meaning", "default"], table)}`,
        notesOf(command),
        inner,
    ].join("")
}

const sentence = (text: string): string => (text.endsWith(".") ? text : `${text}.`)

const defaultOf = (value: unknown): string => (typeof value === "string" ? `\`${value}\`` : "")

/** What a command's help says after its options. */
function notesOf(command: Command): string {
    let text = ""
    command.configureOutput({ writeOut: (piece) => (text += piece) })
    command.outputHelp()
    const notes = text.replace(command.helpInformation(), "").trim()
    return notes === "" ? "" : `\n\`\`\`\n${notes}\n\`\`\`\n`
}
