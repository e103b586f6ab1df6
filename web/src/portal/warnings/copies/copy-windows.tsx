/** The dialog of copies: it asks for the age identity, then shows an opened copy. */
import { type SyntheticEvent, useEffect, useId, useRef, useState } from "react"
import { withoutPadding } from "@tocsin/base/padding"
import { Button, CopyButton } from "../../../kit/button.tsx"
import { Window } from "../../../kit/dialog.tsx"
import { Markdown } from "../../../kit/markdown/markdown.tsx"
import { TextInput } from "../../../kit/form/text-input.tsx"
import { Failed } from "../../../kit/notice.tsx"
import { ReadingFrame, Reading } from "../../../kit/scroll.tsx"
import { saveAs } from "../../../kit/save-file.ts"
import { Label as Marking } from "../../../kit/table.tsx"
import { identityIn } from "../../age.ts"
import { partName, type Part } from "../../answers.ts"
import { openHeldIdentity, whyNoPasskey } from "../../copies-passkey/passkey.ts"
import { hasOpenPgpOnly, usableIn } from "../../organisation/key-state.ts"
import { useMe } from "../../viewer.ts"
import type { Copies } from "./open-copies.ts"
import { openedText, useVault } from "./vault.ts"
import { rich, t } from "../../../messages/message.ts"

/** One dialog for both, so that the focus returns to the button that opened it. */
export function CopyWindows({ copies }: { copies: Copies }) {
    const { asked, shown, close } = copies
    const isOpenPgp = hasOpenPgpOnly(useMe())
    const text = openedText(useVault(), shown ?? nothing)
    return (
        <Window
            title={shown === null ? titleOf(asked) : partName(shown)}
            open={asked.length > 0 || shown !== null}
            onClose={close}
            wide={shown !== null}
        >
            {asked.length > 0 && (isOpenPgp ? <SaveOpenPgp copies={copies} /> : <AskIdentity copies={copies} />)}
            {shown !== null && text !== null && <Opened part={shown} text={text} />}
        </Window>
    )
}

const titleOf = (asked: readonly Part[]): string =>
    asked.length === 1
        ? t("Open {name}", { name: partName(asked[0] ?? nothing) })
        : t("Fetch {count, plural, one {# copy} other {# copies}}", { count: asked.length })

const nothing = { id: "", version: null } as Part

const saveText = (asked: readonly Part[]): string =>
    asked.length === 1
        ? t("Save sealed file")
        : t("Save {count, plural, one {# file} other {# files}} sealed", { count: asked.length })

/** For a partner with OpenPGP keys only: the browser has no OpenPGP. */
function SaveOpenPgp({ copies: { asked, saveSealed, progress, error } }: { copies: Copies }) {
    return (
        <>
            <p>
                {rich(
                    "Your copies are sealed to your organisation's OpenPGP keys. This browser cannot open them: save the sealed file, and open it with <code>gpg --decrypt</code>.",
                    { code: (text) => <code>{text}</code> },
                )}
            </p>
            <Failed error={error} />
            <div className="row end">
                <Button look="main" busy={progress !== null} onPress={() => saveSealed(asked)}>
                    {saveText(asked)}
                </Button>
            </div>
        </>
    )
}

function AskIdentity({ copies: { asked, unlock, saveSealed, progress, error } }: { copies: Copies }) {
    const [identity, setIdentity] = useState("")
    const passkey = usePasskey(unlock)
    const send = (event: SyntheticEvent) => {
        event.preventDefault()
        unlock(identity)
    }
    return (
        <form className="form" onSubmit={send}>
            <p>
                {t(
                    "Each copy is sealed to your organisation's age keys. This browser decrypts it; the server never sees your identity. Each fetch is recorded before the copy leaves the server.",
                )}
            </p>
            <IdentityField value={identity} onChange={setIdentity} />
            <Failed error={passkey.error ?? error} />
            <div className="row end">
                <Button disabledReason={whyNoPasskey()} busy={passkey.isAsked} onPress={() => void passkey.open()}>
                    {t("Open with a passkey")}
                </Button>
                <Button onPress={() => saveSealed(asked)}>{saveText(asked)}</Button>
                <Button type="submit" look="main" busy={progress !== null}>
                    {progress === null
                        ? t("Fetch and open")
                        : t("{done} of {total} fetched", { done: progress.done, total: progress.total })}
                </Button>
            </div>
        </form>
    )
}

/** Opens copies with the identity that a passkey holds, if copies are sealed to its key. */
function usePasskey(unlock: (identity: string) => void) {
    const usable = usableIn(useMe()).map(({ recipient }) => recipient)
    const [error, setError] = useState<Error | null>(null)
    const [isAsked, setAsked] = useState(false)
    const open = async () => {
        setError(null)
        setAsked(true)
        try {
            const { identity, recipient } = await openHeldIdentity()
            if (usable.includes(recipient)) unlock(identity)
            else setError(new Error(t("the key of this passkey is not usable: look at “Organisation”, “Keys”")))
        } catch (failure) {
            setError(failure as Error)
        }
        setAsked(false)
    }
    return { open, error, isAsked }
}

/** Not a password field, because browsers offer to save passwords. */
function IdentityField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
    const id = useId()
    return (
        <div className="field">
            <TextInput
                label={t("Your age identity")}
                value={value}
                onChange={onChange}
                className="secret"
                placeholder="AGE-SECRET-KEY-1…"
                hint={t(
                    "Asked once. This page keeps it in memory until you sign out or reload, and never stores or sends it.",
                )}
                // oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened for this field
                autoFocus
            />
            <label htmlFor={id} className="hint">
                {t("or read it from your key file")}
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

function Opened({ part, text }: { part: Part; text: string }) {
    const content = withoutPadding(text)
    const name = partName(part)
    const top = useRef<HTMLDivElement>(null)
    // The form that had the focus is gone.
    useEffect(() => top.current?.closest<HTMLElement>("[role=dialog]")?.focus(), [])
    return (
        <>
            <div className="row" ref={top}>
                <Marking scheme="TLP" value={part.tlp} />
                <Marking scheme="PAP" value={part.pap} />
                <span className="muted">
                    {t("version {version}, decrypted in this browser", { version: part.version })}
                </span>
                <span className="push row">
                    <CopyButton text={content}>{t("Copy text")}</CopyButton>
                    <Button onPress={() => saveAs(name, text)}>{t("Save file")}</Button>
                </span>
            </div>
            {/\.md$/i.test(name) ? (
                <ReadingFrame label={name}>
                    <Markdown text={content} />
                </ReadingFrame>
            ) : (
                <Reading label={name} text={content} />
            )}
        </>
    )
}
