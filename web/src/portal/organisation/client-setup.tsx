/** The settings of a machine for its registered client: id, endpoint, private key and an example. */
import { useState } from "react"
import { tokenPath } from "../../../../server/src/trust/identity/machines/token.ts"
import { Button, CopyButton } from "../../kit/button.tsx"
import { Notice } from "../../kit/notice.tsx"
import { saveAs } from "../../kit/save-file.ts"
import { Facts } from "../../kit/table.tsx"
import { rich, t } from "../../messages/message.ts"

export interface Setup {
    readonly id: string
    readonly name: string
    /** The private key as JWK, which only this page has; null: the viewer has it already. */
    readonly privateKey: string | null
    readonly isNew: boolean
}

const defaultFile = "key.json"

/** A file name of the client's name. It does not begin with `-`, which a shell's tools would read as an option. */
const fileOf = (name: string): string => {
    const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? []
    return words.length === 0 ? defaultFile : `${words.join("-").slice(0, 40)}.key.json`
}

const exampleOf = (id: string, file: string): string => `chmod 600 ${file}
tocsin login \\
    --url=${window.location.origin} \\
    --client=${id} --key=${file}
tocsin pull`

/** The private key is in this page only, until it is saved: the panel closes after that. */
export function ClientSetup({
    setup: { id, name, privateKey, isNew },
    onClose,
}: {
    setup: Setup
    onClose: () => void
}) {
    const [isSaved, setSaved] = useState(privateKey === null)
    const file = privateKey === null ? defaultFile : fileOf(name)
    const example = exampleOf(id, file)
    const save = () => {
        saveAs(file, privateKey ?? "")
        setSaved(true)
    }
    return (
        <Notice tone="good">
            <div className="once">
                <strong>
                    {isNew ? t("“{name}” is registered.", { name }) : t("“{name}” has new keys.", { name })}
                </strong>
                {privateKey !== null && (
                    <>
                        <p>
                            {t(
                                "Save the private key now. Only this page has it, and Tocsin never gets it. Move the file to the machine, and delete it here.",
                            )}
                        </p>
                        <Button look="main" disabledReason={isSaved ? t("saved") : null} onPress={save}>
                            {t("Save private key")}
                        </Button>
                    </>
                )}
                <Facts
                    items={[
                        [
                            t("Client id"),
                            <code key="id" className="hash">
                                {id}
                            </code>,
                        ],
                        [
                            t("Token endpoint"),
                            <code key="endpoint" className="hash">{`${window.location.origin}${tokenPath}`}</code>,
                        ],
                        [
                            t("Authentication"),
                            rich("<code>private_key_jwt</code>, grant <code>client_credentials</code>", {
                                code: (text) => <code className="code">{text}</code>,
                            }),
                        ],
                    ]}
                />
                <p>{t("With the command line:")}</p>
                <pre lang="en">{example}</pre>
                <span className="row">
                    <CopyButton text={example}>{t("Copy example")}</CopyButton>
                    {isSaved && (
                        <Button look="quiet" onPress={onClose}>
                            {t("Hide")}
                        </Button>
                    )}
                </span>
            </div>
        </Notice>
    )
}
