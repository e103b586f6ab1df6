/**
 * Opening one's own copy: fetched sealed, opened here with the partner's own age identity.
 *
 * The identity is held in this page's memory until it is closed. It is never sent, and never stored.
 */
import { useQueryClient } from "@tanstack/react-query"
import { Decrypter } from "age-encryption"
import { type SyntheticEvent, useState } from "react"
import { Form, Input, Label, Text, TextField } from "react-aria-components"
import { ask, askAgain } from "../kit/api.ts"
import { Button } from "../kit/button.tsx"
import { Failed, Notice } from "../kit/notice.tsx"
import { Reading } from "../kit/scroll.tsx"
import { Label as Marking } from "../kit/table.tsx"
import type { Part } from "./answers.ts"

let identityInMemory = ""

export function OpenCopy({ of }: { of: Part }) {
    const [identity, setIdentity] = useState(identityInMemory)
    const [text, setText] = useState<string | null>(null)
    const [wrong, setWrong] = useState<Error | null>(null)
    const [busy, setBusy] = useState(false)
    const queries = useQueryClient()
    const open = async (event: SyntheticEvent) => {
        event.preventDefault()
        if (busy) return
        setBusy(true)
        setWrong(null)
        try {
            const given = identity.trim()
            const decrypter = decrypterOf(given)
            const sealed = await fetchSealed(of.id)
            await askAgain(queries)
            setText(await decrypted(decrypter, sealed))
            identityInMemory = given
        } catch (error) {
            setWrong(error as Error)
        }
        setBusy(false)
    }
    if (text !== null) return <Opened of={of} text={text} />
    return (
        <Form className="form" onSubmit={(event) => void open(event)}>
            <p>
                Your copy comes sealed to your organisation's age keys, and is opened in this browser. That it was
                fetched goes on record before its first byte leaves.
            </p>
            <TextField className="field" type="password" value={identity} onChange={setIdentity}>
                <Label>Your age identity</Label>
                <Input placeholder="AGE-SECRET-KEY-1…" autoComplete="off" spellCheck={false} />
                <Text slot="description" className="hint">
                    Kept in this page's memory until you close it. Never sent, never stored.
                </Text>
            </TextField>
            <Failed error={wrong} />
            <div className="row end">
                <SaveSealed of={of} onWrong={setWrong} />
                <Button type="submit" look="main" busy={busy}>
                    Fetch and open
                </Button>
            </div>
        </Form>
    )
}

async function fetchSealed(id: string): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await (await ask("GET", `/api/artifacts/${id}/copy`)).arrayBuffer())
}

/** Before anything is fetched, so that a mistyped identity puts no fetch on record. */
function decrypterOf(identity: string): Decrypter {
    const decrypter = new Decrypter()
    try {
        decrypter.addIdentity(identity)
    } catch {
        throw new Error("that is no age identity: it begins with AGE-SECRET-KEY-1")
    }
    return decrypter
}

async function decrypted(decrypter: Decrypter, sealed: Uint8Array): Promise<string> {
    try {
        return await decrypter.decrypt(sealed, "text")
    } catch {
        throw new Error("this identity does not open the copy: it is sealed to your organisation's registered keys")
    }
}

function SaveSealed({ of, onWrong }: { of: Part; onWrong: (error: Error) => void }) {
    const queries = useQueryClient()
    const save = async () => {
        try {
            saveAs(`${of.name}.age`, await fetchSealed(of.id))
            await askAgain(queries)
        } catch (error) {
            onWrong(error as Error)
        }
    }
    return <Button onPress={() => void save()}>Save it sealed</Button>
}

function saveAs(name: string, content: BlobPart): void {
    const address = URL.createObjectURL(new Blob([content]))
    const link = document.createElement("a")
    link.href = address
    link.download = name
    link.click()
    URL.revokeObjectURL(address)
}

function Opened({ of, text }: { of: Part; text: string }) {
    const [copied, setCopied] = useState(false)
    const copy = async () => {
        await navigator.clipboard.writeText(text)
        setCopied(true)
    }
    return (
        <>
            <div className="row">
                <Marking scheme="TLP" value={of.tlp} />
                <Marking scheme="PAP" value={of.pap} />
                <span className="muted">version {of.version}, opened in this browser</span>
                <Button onPress={() => void copy()}>{copied ? "Copied" : "Copy the text"}</Button>
                <Button onPress={() => saveAs(of.name, text)}>Save it</Button>
            </div>
            <Reading label={of.name} text={text.trimEnd()} />
            <Notice>Each fetch of a copy is on record, with who and when.</Notice>
        </>
    )
}
