/** Makes a key whose identity a passkey holds, and registers its recipient. */
import { useState } from "react"
import { Button, Do } from "../../kit/button.tsx"
import { Refused, type Write } from "../../kit/api.ts"
import { Opens } from "../../kit/dialog.tsx"
import { Notice } from "../../kit/notice.tsx"
import { saveAs } from "../../kit/save-file.ts"
import { writeTo } from "../api.ts"
import { useWhyNotAdd } from "../organisation/keys.tsx"
import { type HeldIdentity, makeHeldIdentity, openHeldIdentity, whyNoPasskey } from "./passkey.ts"
import { t } from "../../messages/message.ts"

export function MakePasskeyKey() {
    return (
        <Opens
            button={t("Make a key held by a passkey…")}
            title={t("Make a key held by a passkey")}
            disabledReason={useWhyNotAdd() ?? whyNoPasskey()}
        >
            {(close) => <MakeKey onDone={close} />}
        </Opens>
    )
}

function MakeKey({ onDone }: { onDone: () => void }) {
    const [held, setHeld] = useState<HeldIdentity | null>(null)
    const [unregistered, setUnregistered] = useState<HeldIdentity | null>(null)
    // After a refusal, the next press registers the same passkey: no other one is made.
    const register = (hold: () => Promise<HeldIdentity>): Write<HeldIdentity> => ({
        send: async (key) => {
            const made = unregistered ?? (await hold())
            setUnregistered(made)
            try {
                await writeTo("POST", "/api/keys", { recipient: made.recipient }).send(key)
            } catch (error) {
                // Another passkey is needed.
                if (error instanceof Refused && error.status === 409) setUnregistered(null)
                throw error
            }
            return made
        },
    })
    if (held !== null) return <Made held={held} onDone={onDone} />
    return (
        <div className="form">
            <p>
                {t(
                    "Your device makes a passkey that holds an age identity. Tocsin registers only the public recipient. Your finger, face or PIN then opens copies in this portal.",
                )}
            </p>
            <p>
                {t(
                    "This passkey does not sign you in. Your device lists it as “Tocsin copies – {host}”. It asks you twice: to make the passkey, and to read the key. Then it may ask for the passkey with which you sign in.",
                    { host: window.location.hostname },
                )}
            </p>
            <Loss />
            <div className="row end">
                <Do write={register(openHeldIdentity)} onDone={setHeld}>
                    {t("Use an existing passkey")}
                </Do>
                <Do look="main" write={register(makeHeldIdentity)} onDone={setHeld}>
                    {t("Make passkey")}
                </Do>
            </div>
        </div>
    )
}

function Loss() {
    return (
        <Notice tone="due">
            {t("If the passkey is lost, copies sealed to it cannot be opened: keep a second key.")}
        </Notice>
    )
}

function Made({ held: { identity, recipient, isSynced }, onDone }: { held: HeldIdentity; onDone: () => void }) {
    const file = `# public key: ${recipient}\n${identity}\n`
    return (
        <div className="form">
            <Notice tone="good">{t("The key is registered. Open its test copy now: press “Test…” in its row.")}</Notice>
            <p>
                {t(
                    "A later key opens copies once you confirm it with your old key: press “Confirm with your old key…”.",
                )}
            </p>
            <code className="hash">{recipient}</code>
            <p>
                {isSynced
                    ? t(
                          "This passkey may be synced. Your other devices with the same account can then open copies with it, and so can a person who takes over that account.",
                      )
                    : t("This passkey is not synced. It opens copies only where you have this device.")}
            </p>
            <Loss />
            <details className="folded">
                <summary>{t("Save the identity as a file")}</summary>
                <div className="form">
                    <Notice tone="bad">
                        {t(
                            "A person who has this file opens each copy that is sealed to this key, without the passkey. Save it only if the command line needs it, and keep it away from other people.",
                        )}
                    </Notice>
                    <div className="row">
                        <Button look="danger" onPress={() => saveAs("tocsin-identity.txt", file)}>
                            {t("Save identity file")}
                        </Button>
                    </div>
                </div>
            </details>
            <div className="row end">
                <Button look="main" onPress={onDone}>
                    {t("Done")}
                </Button>
            </div>
        </div>
    )
}
