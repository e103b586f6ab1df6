/** A content of Suricata, written as text and bytes in ways that are exactly equal. */
import { unquoted } from "@tocsin/rules/suricata/options"
import type { Draft } from "../source/drafts.ts"
import { type Piece, formDraft } from "./drafts.ts"

const wholeBytesMax = 16

/** The same content in several places of a rule is one decision. */
export function contentForms(scope: string, values: readonly (Piece & { readonly text: string })[]): Draft[] {
    return [...Map.groupBy(values, ({ text }) => text)].flatMap(([written, places]) => {
        const inner = unquoted(written)
        const bytes = inner === null ? null : bytesOf(inner)
        if (inner === null || bytes === null) return []
        const head = written.slice(0, written.indexOf('"') + 1)
        const forms = [textOf(bytes, needsHex), textOf(bytes, isOftenHex)]
        if (bytes.length <= wholeBytesMax && !hasWord(bytes)) forms.push(textOf(bytes, () => true))
        const others = [...new Set(forms)].filter((form) => form.toLowerCase() !== inner.toLowerCase())
        const edits = others.map((form) => places.map((place) => ({ ...place, text: `${head}${form}"` })))
        return formDraft({ kind: "content-form", scope }, written, edits)
    })
}

/** Null where something is written that this does not know. */
function bytesOf(inner: string): number[] | null {
    const bytes: number[] = []
    for (const [, hex, escaped, plain] of inner.matchAll(/\|([^|]*)\||\\(.)|([^|\\])/gsu)) {
        if (hex !== undefined) {
            const digits = hex.replaceAll(/\s/g, "")
            if (!/^(?:[0-9A-Fa-f]{2})+$/.test(digits)) return null
            bytes.push(...(digits.match(/../g) ?? []).map((pair) => parseInt(pair, 16)))
        } else if (escaped !== undefined) {
            if (!/^[\\";:]$/.test(escaped)) return null
            bytes.push(escaped.charCodeAt(0))
        } else if (plain !== undefined && /^[\x20-\x7e]$/.test(plain)) bytes.push(plain.charCodeAt(0))
        else return null
    }
    return bytes.length === 0 ? null : bytes
}

/** Returns whether bytes contain a word, which authors never write as bytes. */
function hasWord(bytes: readonly number[]): boolean {
    return /[A-Za-z]{3}/.test(String.fromCharCode(...bytes))
}

/** What must be written in bytes; and what many write so. */
function needsHex(byte: number): boolean {
    return byte < 0x20 || byte > 0x7e || '";:|\\'.includes(String.fromCharCode(byte))
}

function isOftenHex(byte: number): boolean {
    return needsHex(byte) || !/[A-Za-z0-9 _-]/.test(String.fromCharCode(byte))
}

function textOf(bytes: readonly number[], inHex: (byte: number) => boolean): string {
    const parts: string[] = []
    let openBytes: string[] = []
    const close = (): void => {
        if (openBytes.length > 0) parts.push(`|${openBytes.join(" ")}|`)
        openBytes = []
    }
    for (const byte of bytes) {
        if (inHex(byte)) openBytes.push(byte.toString(16).toUpperCase().padStart(2, "0"))
        else {
            close()
            parts.push(String.fromCharCode(byte))
        }
    }
    close()
    return parts.join("")
}
