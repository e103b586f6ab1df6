/**
 * Reads a `groups.yaml` as Kubernetes keeps its mailing lists. Pure. Each group becomes a partner: its owners and
 * managers are leads, its members are analysts. The file has no names of people: the names come from the addresses.
 */
import { refuse } from "@tocsin/base/refusal"
import { type YamlLimits, type YamlMap, type YamlNode, entryOf, readYaml } from "@tocsin/rules/strict-yaml"
import { mailboxOf } from "../../identity/person.ts"
import { type ImportEntry, type PartnerCells, nameOfMail, reasonIn } from "./import-entry.ts"

const limits: YamlLimits = { charsMax: 1_000_000, depthMax: 12, documentsMax: 1, nodesMax: 60_000, lineCharsMax: 8192 }

const roles = { owners: "lead", managers: "lead", members: "analyst" } as const

/** Refuses a file that is not valid YAML or has no list `groups`. */
export function readGroups(text: string): readonly ImportEntry[] {
    const { documents, issues } = readYaml(text, limits)
    const [issue] = issues
    if (issue !== undefined) {
        const { line, message } = issue
        refuse("invalid", "partner_import.not_yaml", `line ${line} is not valid: ${message}`, {
            line,
            problem: message,
        })
    }
    const [document] = documents
    const list = document?.kind === "map" ? entryOf(document, "groups")?.value : undefined
    if (list?.kind !== "list") {
        refuse("invalid", "partner_import.no_groups", "the file has no list `groups`: name the groups under that key")
    }
    const mails = new Set(
        list.items.flatMap((item) => (item.kind === "map" ? textIn(item, "email-id").map(mailboxOf) : [])),
    )
    return list.items.flatMap((item) => entriesOfGroup(item, mails))
}

function entriesOfGroup(group: YamlNode, mails: ReadonlySet<string>): ImportEntry[] {
    const { line } = group.place
    const fields = { tier: null, status: null, duties: null }
    if (group.kind !== "map") {
        const partner = { ...fields, name: "", mail: "" }
        return [{ line, partner, person: null, reason: reasonIn(refuseGroup) }]
    }
    const [mail = ""] = textIn(group, "email-id")
    const [name = nameOfMail(mail)] = textIn(group, "name")
    const partner: PartnerCells = { ...fields, name, mail }
    const people = Object.entries(roles).flatMap(([key, role]) => {
        const value = entryOf(group, key)?.value
        if (value === undefined || (value.kind === "scalar" && value.value === null)) return []
        const nodes = value.kind === "list" ? value.items : [value]
        return nodes.map((node) => memberOf(node, role, partner, mails))
    })
    return people.length === 0 ? [{ line, partner, person: null, reason: null }] : people
}

function refuseGroup(): never {
    refuse("invalid", "partner_import.bad_group", "this is not a group: give it `email-id` and `name`")
}

function memberOf(node: YamlNode, role: string, partner: PartnerCells, mails: ReadonlySet<string>): ImportEntry {
    const mail = node.kind === "scalar" && typeof node.value === "string" ? node.value.trim() : ""
    const reason = reasonIn(() => {
        if (mails.has(mailboxOf(mail))) {
            refuse("invalid", "partner_import.nested_group", "this is the address of a group: name its people instead")
        }
    })
    return { line: node.place.line, partner, person: { name: nameOfMail(mail), mail, role }, reason }
}

/** The text of a key; nothing where it is missing or not a text. */
function textIn(map: YamlMap, key: string): string[] {
    const value = entryOf(map, key)?.value
    return value?.kind === "scalar" && typeof value.value === "string" ? [value.value.trim()] : []
}
