/** Reads the texts of settings: each function gives the value, or null for another form. */
import { isIP } from "node:net"
import path from "node:path"
import { isSecureAddress } from "../outgoing/named-host-fetch.ts"
import { hasHostBits, networkOf } from "@tocsin/rules/network"

export function readPath(text: string): string | null {
    return text.includes("\0") ? null : path.resolve(text)
}

export function readPort(text: string): number | null {
    return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : null
}

export function readInterval(text: string): number | null {
    return /^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 3600 ? Number(text) : null
}

export function readCount(text: string, min: number, max: number): number | null {
    return /^\d{1,4}$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : null
}

export function readHost(text: string): string | null {
    return isIP(text) > 0 || text === "localhost" ? text : null
}

export function readAge(text: string): number | null {
    return /^\d{2,4}$/.test(text) && Number(text) >= 30 && Number(text) <= 3600 ? Number(text) : null
}

export function readDisk(text: string): number | null {
    return /^\d{1,7}$/.test(text) && Number(text) <= 1_048_576 ? Number(text) : null
}

export function readMemory(text: string): number | null {
    return /^\d{2,5}$/.test(text) && Number(text) >= 16 && Number(text) <= 65_536 ? Number(text) : null
}

export function readUrl(text: string, schemes: readonly string[]): string | null {
    return schemes.includes(URL.parse(text)?.protocol ?? "") ? text : null
}

/** An https address, or an http address of this machine. */
export function readSecureUrl(text: string): string | null {
    return isSecureAddress(text) ? text : null
}

/** Control characters, which no page, feed or table can contain. */
const controlCharacter = /[\p{Cc}\p{Cs}\u2028\u2029]/u

export function readName(text: string): string | null {
    return text.trim() !== "" && text.length <= 100 && !controlCharacter.test(text) ? text : null
}

export function readContact(text: string): string | null {
    if (text.length > 200 || controlCharacter.test(text)) return null
    if (text.startsWith("https://")) return URL.parse(text) && !/\s/.test(text) ? text : null
    return /^[^\s<>"@:]+@[^\s<>"@:]+$/.test(text) ? text : null
}

export function readAddresses(text: string): string | null {
    const list = text.split(",").map((item) => item.trim())
    return list.length <= 4 && list.every((item) => isIP(item) > 0) ? list.join(",") : null
}

export function readNetworks(text: string): string | null {
    const list = text.split(",").map((item) => item.trim())
    const isNetwork = (item: string) => {
        const network = networkOf(item)
        return network !== null && network.bits > 0 && !hasHostBits(network)
    }
    return list.length <= 16 && list.every(isNetwork) ? list.join(",") : null
}

export function readOrigin(text: string): string | null {
    const url = URL.parse(text)
    const isOrigin = url && ["http:", "https:"].includes(url.protocol) && text.replace(/\/$/, "") === url.origin
    return isOrigin ? url.origin : null
}

export function oneOf<T extends string>(values: readonly T[], text: string): T | null {
    return values.find((item) => item === text) ?? null
}
