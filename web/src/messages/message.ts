/**
 * The texts of the screens in the reader's language. A message is its English text; `de.json` holds the German one.
 * The server words its refusals in English; `de.json` holds a German form by the refusal's code.
 *
 * Values are in ICU syntax: `{count, plural, one {# copy} other {# copies}}`.
 */
import { Fragment, type ReactNode, createElement } from "react"
import { IntlMessageFormat } from "intl-messageformat"
import { valueText as englishValue } from "@tocsin/base/value-text"

export const languages = ["en", "de"] as const
export type Language = (typeof languages)[number]

const storageKey = "tocsin language"

/** The language that the reader chose, or else the browser's first one that we have. */
export const language: Language = chosenLanguage()

/** The locale of dates and numbers. */
export const locale = language === "de" ? "de-DE" : "en-GB"

/** Modules that use messages wait for the table, so that texts of a module's constants are in the language too. */
const german: Table | null = language === "de" ? await loadTable() : null

/** Returns null where the table cannot be loaded: the screens then speak English. */
async function loadTable(): Promise<Table | null> {
    try {
        return (await import("./de.json", { with: { type: "json" } })).default
    } catch {
        return null
    }
}

interface Table {
    readonly messages: Readonly<Record<string, string>>
    readonly values: Readonly<Record<string, string>>
    readonly refusals: Readonly<Record<string, string>>
}

function chosenLanguage(): Language {
    if (globalThis.window === undefined) return "en"
    const wanted = [window.localStorage.getItem(storageKey), ...window.navigator.languages]
    const found = wanted.map((name) => languages.find((each) => name?.startsWith(each))).find((each) => each)
    return found ?? "en"
}

/** Keeps the other language in this browser, and loads the page again in it. */
export function switchLanguage(): void {
    window.localStorage.setItem(storageKey, language === "de" ? "en" : "de")
    window.location.reload()
}

/** The other language by its own name, and its code. */
export const otherLanguage = language === "de" ? "English" : "Deutsch"
export const otherLanguageCode: Language = language === "de" ? "en" : "de"

export type Values = Readonly<Record<string, string | number | boolean | null | undefined>>

const formats = new Map<string, IntlMessageFormat>()

function formatOf(message: string, hasTags: boolean): IntlMessageFormat {
    const known = formats.get(message)
    if (known !== undefined) return known
    const format = new IntlMessageFormat(german?.messages[message] ?? message, locale, undefined, {
        ignoreTag: !hasTags,
    })
    formats.set(message, format)
    return format
}

/** Returns a value of an answer in words: `at_publication` as "at publication". */
export const valueText = (value: string): string => german?.values[value] || englishValue(value)

/** Returns a message as text. */
export function t(message: string, values?: Values): string {
    const text = values === undefined ? (german?.messages[message] ?? message) : formatted(message, values)
    // Of two messages with one German form, the first on the page counts: a title is drawn before its dialog.
    if (german !== null && !origins.has(text) && origins.size < originsMax) origins.set(text, { message, values })
    return text
}

const formatted = (message: string, values: Values): string => String(formatOf(message, false).format(values))

/** Returns a refusal in the reader's language: by its code with its values, or else as the server words it. */
export function refusalText(code: string, english: string, values: Values = {}): string {
    const message = german?.refusals[code]
    if (message !== undefined) {
        try {
            return String(
                new IntlMessageFormat(message, locale, undefined, { ignoreTag: true }).format(inWords(values)),
            )
        } catch {
            // The server is newer than this page, and has other values.
        }
    }
    if (german !== null && untranslated.size < originsMax) untranslated.add(english)
    return english
}

/** The values of refusals that are words of the API. Others may be ids or texts that people chose, such as `mail`. */
const wordNames = new Set([
    "artifactClass",
    "before",
    "from",
    "kind",
    "kindWithoutReminder",
    "state",
    "status",
    "tier",
    "to",
])

/** Translates the words of the API: `restricted`. */
const inWords = (values: Values): Values =>
    Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
            name,
            wordNames.has(name) ? (german?.values[String(value)] ?? value) : value,
        ]),
    )

const untranslated = new Set<string>()

/** The language of a refusal's text, where it is not the page's. */
export const langOf = (text: string): "en" | undefined => (untranslated.has(text) ? "en" : undefined)

/** Texts with counts and instants are many on a page that stays open for days. */
const originsMax = 20_000
const origins = new Map<string, { readonly message: string; readonly values: Values | undefined }>()

/** Returns the English form of a text of this page: a name that stays when the reader changes the language. */
export function englishOf(text: string): string {
    const { message, values } = origins.get(text) ?? { message: text, values: undefined }
    if (values === undefined) return message
    return String(new IntlMessageFormat(message, "en-GB", undefined, { ignoreTag: true }).format(values))
}

export type RichValues = Readonly<Record<string, ReactNode | ((text: ReactNode[]) => ReactNode)>>

/** Returns a message with elements: as values, or around the parts in tags: `<link>Open the case</link>`. */
export function rich(message: string, values: RichValues): ReactNode {
    const format = formatOf(message, true)
    const parts = format.format<ReactNode>(withKeys(values) as Parameters<typeof format.format<ReactNode>>[0])
    return Array.isArray(parts) ? createElement(Fragment, null, ...(parts as ReactNode[])) : (parts as ReactNode)
}

/** The parts within a tag are an array, of which React wants keys: they become one fragment with a key. */
const withKeys = (values: RichValues): RichValues =>
    Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
            name,
            typeof value === "function"
                ? (parts: ReactNode[]) => value([createElement(Fragment, { key: "parts" }, ...parts)])
                : value,
        ]),
    )

const lists = {
    and: new Intl.ListFormat(locale, { type: "conjunction" }),
    or: new Intl.ListFormat(locale, { type: "disjunction" }),
}

/** Formats a number in the reader's language, with this many decimals. */
export const decimalText = (value: number, decimals: number): string =>
    value.toLocaleString(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals })

/** Joins items as a list in words: "author, approver or manager". */
export const listText = (items: readonly string[], joint: keyof typeof lists = "and"): string =>
    lists[joint].format(items)
