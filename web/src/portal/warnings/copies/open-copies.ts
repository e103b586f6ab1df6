/** Fetches sealed copies and decrypts them in the browser with the partner's age identity. */
import { useQueryClient } from "@tanstack/react-query"
import { Decrypter } from "age-encryption"
import { useState } from "react"
import { type SealedFormat, endings, sealedFormatOf } from "@tocsin/client/sealed-format"
import { ask, askAgain } from "../../../kit/api.ts"
import { saveAs } from "../../../kit/save-file.ts"
import { identityIn } from "../../age.ts"
import { partName, type Part } from "../../answers.ts"
import { hasOpenPgpOnly } from "../../organisation/key-state.ts"
import { useMe } from "../../viewer.ts"
import { keepIdentity, keepOpened, openedText, useVault } from "./vault.ts"
import { t } from "../../../messages/message.ts"

export interface Copies {
    /** Opens these copies: at once if the identity is known, otherwise after asking for it. */
    readonly open: (parts: readonly Part[]) => void
    /** Opens the parts that were asked for with this identity. */
    readonly unlock: (identity: string) => void
    /** `format`: of the files; default: age if the partner has a usable key of age. */
    readonly saveSealed: (parts: readonly Part[], format?: SealedFormat) => void
    readonly close: () => void
    /** The parts that wait for the identity. */
    readonly asked: readonly Part[]
    /** The copy that is shown. */
    readonly shown: Part | null
    /** How many of how many copies are fetched; null: nothing runs. */
    readonly progress: { readonly done: number; readonly total: number } | null
    readonly error: Error | null
}

export function useCopies(): Copies {
    const vault = useVault()
    const isOpenPgp = hasOpenPgpOnly(useMe())
    const queries = useQueryClient()
    const [asked, setAsked] = useState<readonly Part[]>([])
    const [shown, setShown] = useState<Part | null>(null)
    const [progress, setProgress] = useState<Copies["progress"]>(null)
    const [error, setError] = useState<Error | null>(null)
    const forEach = async (parts: readonly Part[], work: (part: Part) => Promise<void>) => {
        setError(null)
        try {
            for (const [done, part] of parts.entries()) {
                setProgress({ done, total: parts.length })
                await work(part)
            }
            return true
        } catch (failure) {
            setError(failure as Error)
            return false
        } finally {
            setProgress(null)
            await askAgain(queries)
        }
    }
    const run = async (parts: readonly Part[], identity: string) => {
        const isDone = await forEach(parts, async (part) => {
            const decrypter = decrypterOf(identity)
            keepOpened(part, await decrypted(decrypter, await fetchSealed(part.id)))
            keepIdentity(identity)
        })
        if (!isDone) return
        setAsked([])
        const [only, ...more] = parts
        if (only !== undefined && more.length === 0) setShown(only)
    }
    return {
        open: (parts) => {
            const [only, ...more] = parts
            setError(null)
            if (only !== undefined && more.length === 0 && openedText(vault, only) !== null) setShown(only)
            else if (vault.identity === null || isOpenPgp) setAsked(parts)
            else void run(parts, vault.identity)
        },
        unlock: (identity) => void (progress === null && run(asked, identity)),
        saveSealed: (parts, format) =>
            void forEach(parts, async (part) => {
                const sealed = await fetchSealed(part.id, format)
                saveAs(`${partName(part)}${endings[sealedFormatOf(sealed) ?? "age"]}`, sealed)
            }),
        close: () => {
            setAsked([])
            setShown(null)
            setError(null)
        },
        asked,
        shown,
        progress,
        error,
    }
}

async function fetchSealed(id: string, format?: SealedFormat): Promise<Uint8Array<ArrayBuffer>> {
    const query = format === undefined ? "" : `?sealed=${format}`
    return new Uint8Array(await (await ask("GET", `/api/artifacts/${id}/copy${query}`)).arrayBuffer())
}

/** Checks the identity before the fetch, so that a typing error causes no recorded fetch. */
function decrypterOf(pasted: string): Decrypter {
    const decrypter = new Decrypter()
    try {
        decrypter.addIdentity(identityIn(pasted) ?? "")
    } catch {
        throw new Error(t("not an age identity: it must begin with AGE-SECRET-KEY-1"))
    }
    return decrypter
}

async function decrypted(decrypter: Decrypter, sealed: Uint8Array): Promise<string> {
    try {
        return await decrypter.decrypt(sealed, "text")
    } catch {
        throw new Error(t("this identity does not open the copy: use the identity of a registered key"))
    }
}
