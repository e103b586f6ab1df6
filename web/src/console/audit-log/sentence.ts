/** Turns events of the audit log into sentences, icons and groups. */
import { type Instant, dayMs, formatInstant } from "@tocsin/base/instant"
import { bothOf, spanParts } from "../../kit/instant.tsx"
import type { IconName } from "../../kit/layout/icon.tsx"
import { actNames } from "../words.ts"
import { eventSentences } from "./event-sentences.ts"
import { locale, t, valueText } from "../../messages/message.ts"

export type Body = Readonly<Record<string, unknown>> | null

/** A text, or an object that the log names by its id. */
export type Part = string | NamedPart

interface NamedPart {
    readonly object: NamedObject
    readonly id: string
    /** The text where the viewer may not know the name. */
    readonly unnamed: string
}

export type NamedObject = "case" | "partner" | "artifact" | "person"

/** The fields with an id, and the object that each names. */
export const namedFields: Readonly<Record<string, NamedObject>> = {
    case: "case",
    to: "case",
    partner: "partner",
    applicant: "partner",
    artifact: "artifact",
    person: "person",
    deputy: "person",
    owner: "person",
    by: "person",
}

/** Returns what the event says after its actor. */
export function sentenceOf(kind: string, body: Body): readonly Part[] {
    const template = eventSentences[kind] ?? valueText(kind.replace(".", " "))
    return template
        .split(/(\{[^}]+\})/)
        .map((piece) => (piece.startsWith("{") ? filled(piece.slice(1, -1), body ?? {}) : piece))
        .filter((part) => part !== "")
}

function filled(slot: string, body: NonNullable<Body>): Part {
    const [field = "", fallback] = slot.split("|")
    const value = body[field]
    const unnamed = fallback ?? t("unknown")
    if (value === undefined || value === null) return unnamed
    const object = namedFields[field]
    if (object !== undefined && typeof value === "string" && isId(value)) return { object, id: value, unnamed }
    return textOf(field, value)
}

export const isId = (text: string): boolean => /^[0-9a-f]{8}-[0-9a-f]{4}-/.test(text)

/** 2001 in milliseconds: a larger number is an instant, not a count. */
const earliest = 1_000_000_000_000

/** The fields that list or count partners. */
const partnerFields: ReadonlySet<string> = new Set(["recipients", "partners"])

const partnersText = (count: number): string => t("{count, plural, one {# partner} other {# partners}}", { count })

/** Returns a value of an event in words. Ids and hashes are shortened. */
export function textOf(field: string, value: unknown): string {
    if (Array.isArray(value)) return valuesText(field, value)
    if (typeof value === "boolean") return value ? t("yes") : t("no")
    if (typeof value === "number") return numberText(field, value)
    if (typeof value !== "string") return JSON.stringify(value)
    if (field === "action") return actNames[value] ?? valueText(value)
    if (/^\d{4}-\d\d-\d\dT/.test(value)) return bothOf(value)
    if (/^[0-9a-f]{32,}$/.test(value) || isId(value)) return `${value.slice(0, 8)}…`
    return value.length > 60 ? `${value.slice(0, 58)}…` : valueText(value)
}

function valuesText(field: string, values: readonly unknown[]): string {
    if (partnerFields.has(field)) return partnersText(values.length)
    const texts = values.map(String)
    return texts.some(isId) || texts.length > 6 ? String(texts.length) : texts.map(valueText).join(", ") || t("none")
}

function numberText(field: string, value: number): string {
    if (value > earliest) return bothOf(formatInstant(value as Instant))
    if (field.endsWith("Ms")) return spanText(Math.abs(value))
    if (partnerFields.has(field)) return partnersText(value)
    if (field === "year") return String(value)
    return value.toLocaleString(locale)
}

const spanText = (spanMs: number): string =>
    spanMs % dayMs === 0
        ? t("{days} d", { days: spanMs / dayMs })
        : spanParts(spanMs)
              .map(([count, unit]) => `${count} ${unit}`)
              .join(" ")

export interface KindGroup {
    readonly id: string
    readonly name: string
    readonly icon: IconName
    readonly objects: readonly string[]
}

/** Groups of kinds, by the object before the point. */
export const kindGroups: readonly KindGroup[] = [
    group("cases", t("Cases and embargoes"), "shield", "case,advisory,embargo,consent,party"),
    group("waves", t("Waves"), "send", "wave,recall,calendar,default_schedule"),
    group("approvals", t("Approvals"), "sign", "approval"),
    group("artifacts", t("Artifacts"), "file", "artifact,test_result"),
    group("deliveries", t("Notices and copies"), "mail", "notice,copy,objects,webhook,deletion,receipts,access_list"),
    group(
        "reports",
        t("Partner reports"),
        "flag",
        "sighting,protection,follow_up,follow_up_deadline,aggregate,warning_question",
    ),
    group(
        "partners",
        t("Partners"),
        "building",
        "partner,application,agreement,attestation,requirement,regular_report,tier,key,mail_key,mailbox,notice_filter",
    ),
    group("authorities", t("Authorities"), "clock", "filing,regulatory_clock,regime"),
    group("measures", t("Measures and letters"), "scales", "measure,procedure,letter"),
    group(
        "leaks",
        t("Leaks"),
        "drop",
        "evidence,attribution,inquiry,finding,question,tracing_instruction,cross_case_evidence,exposure,canary,marks,confidential",
    ),
    group(
        "staff",
        t("Staff and sign-in"),
        "people",
        "person,credential,passkey,identity,recovery,machine_client,deputy,task",
    ),
    group(
        "system",
        t("Policy and system"),
        "gear",
        "policy,program_rules,statistics,annual_report,clock,audit_log,quarantine,backup,data_keys,key_encryption_key," +
            "signing_keys,mail,publisher",
    ),
]

function group(id: string, name: string, icon: IconName, objects: string): KindGroup {
    return { id, name, icon, objects: objects.split(",") }
}

/** Returns the group of a kind; null: none. */
export function groupOf(kind: string): KindGroup | null {
    const [object = ""] = kind.split(".")
    return kindGroups.find(({ objects }) => objects.includes(object)) ?? null
}

/** Returns the value of the `kind` filter for the chosen groups; null: all are chosen, or none. */
export function kindFilter(groups: readonly string[]): string | null {
    const chosen = kindGroups.filter(({ id }) => groups.includes(id))
    if (chosen.length === 0 || chosen.length === kindGroups.length) return null
    return chosen.flatMap(({ objects }) => objects).join(",")
}
