/** Checks the options of one Suricata rule against each other. */
import { type Issue, type Place, error, quote, warning } from "@tocsin/base/issue"
import { type Keyword, classtypes, flowStates, keywords, referenceTypes } from "./keywords.ts"
import { type Option, contentLength, pcreFault, unquoted } from "./options.ts"

const required = ["msg", "sid", "rev"]
const atMostOnce = [
    "msg",
    "sid",
    "rev",
    "gid",
    "classtype",
    "priority",
    "flow",
    "threshold",
    "detection_filter",
    "dsize",
]

/** The content that modifiers apply to. */
interface Content {
    readonly at: number
    readonly length: number
    readonly modifiers: Map<string, string>
}

/** Checks one rule. */
export class RuleCheck {
    readonly #options: readonly Option[]
    readonly #place: (at: number) => Place
    readonly #findings: Issue[] = []
    #content: Content | null = null
    #buffer: Option | null = null
    #fast = false

    constructor(options: readonly Option[], place: (at: number) => Place) {
        this.#options = options
        this.#place = place
    }

    /** The id of the rule. */
    id(): { key: string; sid: string; at: number } | null {
        const sid = this.#options.find((option) => option.name === "sid")
        if (!sid?.value || !isNumber(sid.value)) return null
        const gid = this.#options.find((option) => option.name === "gid")?.value ?? "1"
        return { key: `${gid}:${Number(sid.value)}`, sid: sid.value, at: sid.at }
    }

    issues(): Issue[] {
        for (const name of required) {
            if (this.#options.some((option) => option.name === name)) continue
            this.#fault(0, `suricata.no_${name}`, `\`${name}\` is missing`)
        }
        const seen = new Set<string>()
        for (const option of this.#options) {
            if (seen.has(option.name) && atMostOnce.includes(option.name)) {
                this.#fault(option.at, "suricata.duplicate_option", `\`${option.name}\` stands twice`)
            }
            seen.add(option.name)
            this.#option(option)
        }
        this.#closeContent()
        this.#closeBuffer()
        return this.#findings
    }

    #option(option: Option): void {
        const keyword = keywords.get(option.name)
        if (keyword === undefined) {
            const message = `${quote(option.name)} is no keyword that is known here`
            const dotted = /^[a-z0-9_]+(\.[a-z0-9_]+)+$/.test(option.name)
            const report = dotted ? warning : error
            this.#findings.push(report(this.#place(option.at), "suricata.unknown_keyword", message))
            if (dotted) this.#buffer = null
            return
        }
        if (!this.#isWritten(option, keyword)) {
            if (keyword.purpose !== "content") return
            this.#closeContent()
            this.#buffer = null
            this.#content = { at: option.at, length: 0, modifiers: new Map() }
            return
        }
        if (keyword.purpose === "buffer") this.#openBuffer(option)
        else if (keyword.purpose === "content") this.#openContent(option)
        else if (keyword.purpose === "modifier") this.#modify(option)
        else if (keyword.purpose === "match") this.#match(option)
        else this.#value(option)
    }

    #isWritten(option: Option, { takes }: Keyword): boolean {
        const { name, value, at } = option
        if (takes === "nothing" && value !== null) {
            this.#fault(at, "suricata.bad_value", `\`${name}\` takes no value`)
            return false
        }
        if ((takes === "value" || takes === "quoted") && (value === null || value === "")) {
            this.#fault(at, "suricata.bad_value", `\`${name}\` needs a value`)
            return false
        }
        if (takes === "quoted" && unquoted(value ?? "") === null) {
            this.#fault(at, "suricata.not_quoted", `the value of \`${name}\` stands in quotes`)
            return false
        }
        return true
    }

    #openBuffer(option: Option): void {
        this.#closeContent()
        this.#closeBuffer()
        this.#buffer = option
    }

    /** A buffer without a keyword that uses it does not load. */
    #closeBuffer(): void {
        if (this.#buffer === null) return
        this.#fault(this.#buffer.at, "suricata.empty_buffer", `nothing looks into \`${this.#buffer.name}\``)
        this.#buffer = null
    }

    #openContent({ value, at }: Option): void {
        this.#closeContent()
        this.#buffer = null
        const length = contentLength(unquoted(value ?? "") ?? "")
        if (typeof length === "string") this.#fault(at, "suricata.bad_content", length)
        this.#content = { at, length: typeof length === "number" ? length : 0, modifiers: new Map() }
    }

    #modify({ name, value, at }: Option): void {
        if (this.#content === null) {
            this.#fault(at, "suricata.no_content", `\`${name}\` stands behind no content`)
            return
        }
        if (this.#content.modifiers.has(name)) {
            this.#fault(at, "suricata.duplicate_option", `\`${name}\` stands twice behind one content`)
        }
        this.#content.modifiers.set(name, value ?? "")
        if (name === "fast_pattern") this.#fastPattern(value, at)
        const counts = name === "depth" || name === "offset" || name === "distance" || name === "within"
        const sign = name === "distance" || name === "within" ? /^-?\d{1,5}$/ : /^\d{1,5}$/
        if (counts && !sign.test(value ?? "") && !/^[A-Za-z_]\w*$/.test(value ?? "")) {
            this.#fault(at, "suricata.bad_value", `\`${name}\` is a number, or the name of one`)
        }
    }

    #fastPattern(value: string | null, at: number): void {
        if (this.#fast) this.#fault(at, "suricata.duplicate_option", "`fast_pattern` stands twice")
        this.#fast = true
        if (value !== null && !/^(only|\d{1,5},\d{1,5})$/.test(value)) {
            this.#fault(at, "suricata.bad_value", "`fast_pattern` is `only`, or two numbers")
        }
    }

    /** The modifiers of one content must agree. */
    #closeContent(): void {
        const content = this.#content
        this.#content = null
        if (content === null) return
        const { modifiers, length, at } = content
        const numbered = (name: string) =>
            /^\d+$/.test(modifiers.get(name) ?? "") ? Number(modifiers.get(name)) : null
        for (const name of ["depth", "within"]) {
            const bytes = numbered(name)
            if (bytes !== null && bytes < length) {
                this.#fault(
                    at,
                    "suricata.bad_modifier",
                    `\`${name}:${bytes}\` is less than the content's \`${length}\``,
                )
            }
        }
        const absolute = ["depth", "offset"].filter((item) => modifiers.has(item))
        const relative = ["distance", "within"].filter((item) => modifiers.has(item))
        if (absolute.length > 0 && relative.length > 0) {
            this.#fault(at, "suricata.bad_modifier", `\`${relative[0]}\` does not go with \`${absolute[0]}\``)
        }
        if (modifiers.has("startswith") && absolute.length + relative.length > 0) {
            this.#fault(at, "suricata.bad_modifier", `\`startswith\` says already what others say`)
        }
        if (modifiers.has("endswith") && (modifiers.has("offset") || relative.length > 0)) {
            this.#fault(at, "suricata.bad_modifier", "`endswith` does not go with `offset`, `distance` or `within`")
        }
    }

    #match({ name, value, at }: Option): void {
        if (name === "pcre") this.#closeContent()
        this.#buffer = null
        if (name === "pcre") {
            const fault = pcreFault(unquoted(value ?? "") ?? "")
            if (fault !== null) this.#fault(at, "suricata.bad_pcre", fault)
        }
        const reads =
            name === "dataset" || name === "datarep" ? /\b(load|save|state)\s/.test(value ?? "") : name === "lua"
        if (reads) this.#reads(name, at)
    }

    #reads(name: string, at: number): void {
        const message = `\`${name}\` reads a file that the rule does not bring with it`
        this.#findings.push(warning(this.#place(at), "suricata.needs_file", message))
    }

    #value({ name, value, at }: Option): void {
        if (["filemd5", "filesha1", "filesha256", "luaxform"].includes(name)) this.#reads(name, at)
        const fault = valueFault(name, value ?? "")
        if (fault !== null) this.#fault(at, "suricata.bad_value", fault)
        if (name === "classtype" && !classtypes.has(value ?? "")) {
            const message = `${quote(value ?? "")} is no class that comes with Suricata`
            this.#findings.push(warning(this.#place(at), "suricata.unknown_classtype", message))
        }
        const [type = ""] = (value ?? "").split(",")
        if (name === "reference" && !referenceTypes.has(type.trim())) {
            const message = `${quote(type)} is no kind of reference that comes with Suricata`
            this.#findings.push(warning(this.#place(at), "suricata.unknown_reference", message))
        }
    }

    #fault(at: number, code: string, message: string): void {
        this.#findings.push(error(this.#place(at), code, message))
    }
}

function isNumber(text: string, min = 1): boolean {
    return /^\d{1,10}$/.test(text) && Number(text) >= min && Number(text) < 2 ** 32
}

function numberCheck(name: string, min: number): (value: string) => string | null {
    return (value) => (isNumber(value, min) ? null : `\`${name}\` is a whole number from \`${min}\` on`)
}

/** Finds what is wrong with a value; null if it is valid or unknown. */
export function valueFault(name: string, value: string): string | null {
    return (Object.hasOwn(valueChecks, name) ? valueChecks[name] : undefined)?.(value) ?? null
}

const valueChecks: Readonly<Record<string, (value: string) => string | null>> = {
    sid: numberCheck("sid", 1),
    rev: numberCheck("rev", 1),
    gid: numberCheck("gid", 1),
    priority: numberCheck("priority", 1),
    msg: (value) => (unquoted(value)?.trim() ? null : "`msg` is not empty"),
    flow: flowFault,
    flowbits: (value) => {
        const named = /^(set|isset|isnotset|toggle|unset)\s*,\s*[\w.|-]+(\s*\|\s*[\w.-]+)*$/.test(value)
        return named || value === "noalert" ? null : `${quote(value)}: \`flowbits\` has a verb and a name`
    },
    reference: (value) => {
        const [type = "", ...rest] = value.split(",")
        const item = rest.join(",").trim()
        if (type.trim() === "" || item === "") return "a reference has a kind and a value"
        return type.trim() !== "cve" || /^(CVE-)?\d{4}-\d{4,}$/i.test(item) ? null : `${quote(item)} is no CVE id`
    },
    metadata: (value) => {
        const odd = value.split(",").find((item) => !/^\s*\S+\s+\S/.test(item))
        return odd === undefined ? null : `${quote(odd.trim())}: \`metadata\` has keys with values`
    },
    threshold: (value) => trackingFault(value, ["type", "track", "count", "seconds"]),
    detection_filter: (value) => trackingFault(value, ["track", "count", "seconds"]),
}

function flowFault(value: string): string | null {
    const words = value.split(",").map((item) => item.trim())
    const odd = words.find((word) => !flowStates.includes(word))
    if (odd !== undefined) return `${quote(odd)} is no state of \`flow\``
    const twice = words.find((word, n) => words.indexOf(word) !== n)
    if (twice !== undefined) return `\`${twice}\` stands twice in \`flow\``
    const groups = [
        ["established", "not_established", "stateless"],
        ["only_stream", "no_stream"],
        ["only_frag", "no_frag"],
    ]
    const toward = (word: string) => word.replace("from_client", "to_server").replace("from_server", "to_client")
    const sides = new Set(words.map(toward).filter((item) => item.startsWith("to_")))
    const both = groups.find((group) => words.filter((word) => group.includes(word)).length > 1)
    return both || sides.size > 1 ? `${quote(value)} contradicts itself` : null
}

function trackingFault(value: string, neededWords: readonly string[]): string | null {
    const words = new Map(
        value
            .split(",")
            .map((item) => item.trim().split(/\s+/))
            .map((entry) => [entry[0] ?? "", entry[1] ?? ""]),
    )
    const missing = neededWords.find((item) => !words.has(item))
    if (missing !== undefined) return `\`${missing}\` is missing`
    const numbers = ["count", "seconds"].find((item) => !isNumber(words.get(item) ?? ""))
    return numbers === undefined ? null : `\`${numbers}\` is a whole number`
}
