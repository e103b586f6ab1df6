/**
 * Opens the viewer's copy: fetches it sealed, and decrypts it here with the partner's own age identity.
 *
 * The identity stays in this page's memory until the dialog closes. It is never sent or stored.
 */
import { useQueryClient } from "@tanstack/react-query"
import { Decrypter } from "age-encryption"
import { type SyntheticEvent, useId, useState } from "react"
import { Form, Input, Label, Text, TextField } from "react-aria-components"
import { withoutPadding } from "@tocsin/base/padding"
import { ask, askAgain } from "../../kit/api.ts"
import { Button, CopyButton } from "../../kit/button.tsx"
import { Failed, Notice } from "../../kit/notice.tsx"
import { Reading } from "../../kit/scroll.tsx"
import { Label as Marking } from "../../kit/table.tsx"
import { identityIn } from "../age.ts"
import { nameOf, type Part } from "../answers.ts"
import { saveAs } from "../../kit/save-file.ts"

let identityInMemory = ""

export function OpenCopy({ part }: { part: Part }) {
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
            const decrypter = decrypterOf(identity)
            const sealed = await fetchSealed(part.id)
            await askAgain(queries)
            setText(await decrypted(decrypter, sealed))
            identityInMemory = identity
        } catch (error) {
            setWrong(error as Error)
        }
        setBusy(false)
    }
    if (text !== null) return <Opened part={part} text={text} />
    return (
        <Form className="form" onSubmit={(event) => void open(event)}>
            <p>
                Your copy comes sealed to your organisation's age keys, and is opened in this browser. That it was
                fetched goes on record before its first byte leaves.
            </p>
            <Identity value={identity} onChange={setIdentity} />
            <Failed error={wrong} />
            <div className="row end">
                <SaveSealed part={part} onWrong={setWrong} />
                <Button type="submit" look="main" busy={busy}>
                    Fetch and open
                </Button>
            </div>
        </Form>
    )
}

/** Not a password field, because browsers offer to save passwords. */
function Identity({ value, onChange }: { value: string; onChange: (value: string) => void }) {
    const id = useId()
    return (
        <div className="field">
            {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened for this field */}
            <TextField className="field" value={value} onChange={onChange} autoFocus>
                <Label>Your age identity</Label>
                <Input className="secret" placeholder="AGE-SECRET-KEY-1…" autoComplete="off" spellCheck={false} />
                <Text slot="description" className="hint">
                    Kept in this page's memory until you close it. Never sent, never stored.
                </Text>
            </TextField>
            <label htmlFor={id} className="hint">
                or read it from your key file
            </label>
            <input
                id={id}
                type="file"
                onChange={(event) =>
                    void event.target.files?.[0]?.text().then((text) => onChange(identityIn(text) ?? text))
                }
            />
        </div>
    )
}

async function fetchSealed(id: string): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await (await ask("GET", `/api/artifacts/${id}/copy`)).arrayBuffer())
}

/** Checks the identity before the fetch, so that a typing error causes no recorded fetch. */
function decrypterOf(pasted: string): Decrypter {
    const decrypter = new Decrypter()
    try {
        decrypter.addIdentity(identityIn(pasted) ?? "")
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

function SaveSealed({ part, onWrong }: { part: Part; onWrong: (error: Error) => void }) {
    const queries = useQueryClient()
    const save = async () => {
        try {
            saveAs(`${nameOf(part)}.age`, await fetchSealed(part.id))
            await askAgain(queries)
        } catch (error) {
            onWrong(error as Error)
        }
    }
    return <Button onPress={() => void save()}>Save it sealed</Button>
}

function Opened({ part, text }: { part: Part; text: string }) {
    const read = withoutPadding(text)
    return (
        <>
            <div className="row">
                <Marking scheme="TLP" value={part.tlp} />
                <Marking scheme="PAP" value={part.pap} />
                <span className="muted">version {part.version}, opened in this browser</span>
                <CopyButton text={read}>Copy the text</CopyButton>
                <Button onPress={() => saveAs(nameOf(part), text)}>Save it</Button>
            </div>
            <Reading label={nameOf(part)} text={read} />
            <Notice>Each fetch of a copy is on record, with who and when.</Notice>
        </>
    )
}
