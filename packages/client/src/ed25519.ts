/** Verifies Ed25519 signatures with Web Crypto, in browsers and on servers. */
import { bytesToHex } from "@noble/hashes/utils.js"
import type { VerifySignature } from "@tocsin/audit-log/checkpoint"

/**
 * Runs a synchronous reader with asynchronous signature checks. It calls the pure function `read` twice: first to
 * collect the signatures, and then with the result of each check.
 */
export async function readVerified<T>(read: (verify: VerifySignature) => T | Promise<T>): Promise<T> {
    const checks = new Map<string, Promise<boolean>>()
    const collect: VerifySignature = (publicKey, message, signature) => {
        const key = keyOf(publicKey, message, signature)
        if (!checks.has(key)) checks.set(key, isValidSignature(publicKey, message, signature))
        return true
    }
    try {
        await read(collect)
    } catch {
        // The second call reports errors, with all signatures checked.
    }
    const results = new Map(await Promise.all([...checks].map(async ([value, work]) => [value, await work] as const)))
    return await read((publicKey, message, signature) => results.get(keyOf(publicKey, message, signature)) ?? false)
}

function keyOf(...parts: readonly Uint8Array[]): string {
    return parts.map(bytesToHex).join(" ")
}

async function isValidSignature(...[publicKey, message, signature]: Parameters<VerifySignature>): Promise<boolean> {
    try {
        const key = await crypto.subtle.importKey("raw", Uint8Array.from(publicKey), "Ed25519", false, ["verify"])
        return await crypto.subtle.verify("Ed25519", key, Uint8Array.from(signature), Uint8Array.from(message))
    } catch (error) {
        if (error instanceof Error && error.name === "NotSupportedError") throw error
        return false
    }
}
