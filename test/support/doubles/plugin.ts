/**
 * An age plugin in a test's folder: it holds one X25519 identity in a file, as a smart card would, and unwraps with it.
 * Tests script its other behaviour line by line.
 */
import { bech32 } from "@scure/base"
import fs from "node:fs"
import path from "node:path"

const home = path.join(import.meta.dirname, "../../..")

/** What a plugin does between receiving and sending `done`. JavaScript, with `say(args, body?)` and `unwrap()`. */
export interface PluginScript {
    readonly folder: string
    readonly name: string
    readonly identity: string
    readonly script?: string
}

/** Writes `age-plugin-NAME` to the folder; returns the identity that names it. */
export function writePlugin({ folder, name, identity, script = "await give()" }: PluginScript): string {
    const file = path.join(folder, `age-plugin-${name}`)
    fs.writeFileSync(`${file}.key`, identity)
    fs.writeFileSync(`${file}.log`, "")
    const paths = {
        key: `${file}.key`,
        log: `${file}.log`,
        age: path.join(home, "node_modules/age-encryption/dist/index.js"),
    }
    fs.writeFileSync(file, `#!${process.execPath}\n${program(paths, script)}`, { mode: 0o755 })
    return bech32.encode(`age-plugin-${name}-`, bech32.toWords(Buffer.from("slot 1")), false).toUpperCase()
}

/** Returns what the plugin received, and its working directory. */
export function readPluginLog(folder: string, name: string): string {
    return fs.readFileSync(path.join(folder, `age-plugin-${name}.log`), "utf8")
}

function program({ key, log, age }: { key: string; log: string; age: string }, script: string): string {
    return `
const fs = require("node:fs")
const { createInterface } = require("node:readline")
const note = (line) => fs.appendFileSync(${JSON.stringify(log)}, line + "\\n")
note("argv " + process.argv.slice(2).join(" "))
note("environment " + Object.keys(process.env).filter((name) => name.startsWith("TOCSIN_")).join(" "))
const raw = (text) => process.stdout.write(text)
const say = (args, body = "") => {
    const whole = Buffer.from(body).toString("base64").replaceAll("=", "")
    const lines = [...(whole.match(/.{1,64}/g) ?? [])]
    if (lines.length === 0 || lines.at(-1).length === 64) lines.push("")
    raw("-> " + args.join(" ") + "\\n" + lines.join("\\n") + "\\n")
}
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
async function hear() {
    const first = (await lines.next()).value
    if (first === undefined) return null
    note(first)
    const parts = []
    for (let line; (line = (await lines.next()).value) !== undefined; ) {
        parts.push(Buffer.from(line, "base64"))
        if (line.length < 64) break
    }
    return { args: first.slice(3).split(" "), body: Buffer.concat(parts) }
}
async function main() {
    const { Decrypter } = await import(${JSON.stringify(age)})
    const stanzas = []
    for (let one; (one = await hear()) && one.args[0] !== "done"; ) {
        if (one.args[0] === "recipient-stanza") stanzas.push({ args: one.args.slice(2), body: one.body })
    }
    async function unwrap() {
        const it = new Decrypter()
        it.addIdentity(fs.readFileSync(${JSON.stringify(key)}, "utf8"))
        return await it.unwrapFileKey(stanzas)
    }
    async function ask(args, body) {
        say(args, body)
        const { args: answer, body: more } = await hear()
        return [...answer, more.toString()].filter((one) => one !== "").join(" ")
    }
    async function give() {
        const fileKey = await unwrap()
        if (fileKey !== null) await ask(["file-key", "0"], fileKey)
    }
    ${script}
    say(["done"])
}
main().catch((error) => { process.stderr.write(String(error) + "\\n"); process.exit(1) })
`
}
