/** Machine clients of the viewer: tools that get tokens of ten minutes with a key of their own (OAuth 2.0). */
import { type ReactNode, useState } from "react"
import type { Write } from "../../kit/api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { type Answers, FormDialog, linesIn, tickedOf } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { nameField, networksField, scopes, scopesField } from "../../kit/sign-in/credential-fields.ts"
import { publicKeysIn } from "../../kit/sign-in/public-keys.ts"
import { Section, Table } from "../../kit/table.tsx"
import { type AnswerTo, useRead, writeTo } from "../api.ts"
import { listText, rich, t, valueText } from "../../messages/message.ts"
import { ClientSetup, type Setup } from "./client-setup.tsx"

type Client = AnswerTo<"/api/machine-clients">["clients"][number]

export function MachineClients() {
    const clients = useRead("/api/machine-clients")
    const [setup, setSetup] = useState<Setup | null>(null)
    return (
        <Section title={t("Machine clients")} aside={<Register onDone={setSetup} />}>
            <p className="caution">
                {t(
                    "A machine client signs in with its own key and gets tokens of ten minutes (OAuth 2.0 client credentials). It acts as you, within its scopes. The audit log records its actions as yours.",
                )}
            </p>
            {setup !== null && <ClientSetup key={setup.id} setup={setup} onClose={() => setSetup(null)} />}
            <Loaded query={clients}>
                {({ clients }) =>
                    clients.length === 0 ? (
                        <Empty title={t("You have no machine clients.")} />
                    ) : (
                        <Table
                            caption={t("Your machine clients")}
                            rows={clients}
                            keyOf={({ id }) => id}
                            columns={[
                                { name: t("Name"), cell: (client) => <Name client={client} /> },
                                { name: t("Scopes"), cell: ({ scopes }) => listText(scopes.map(valueText)) },
                                { name: t("Accepted from"), cell: ({ networks }) => networksText(networks) },
                                {
                                    name: t("Keys"),
                                    cell: ({ keys }) => keys.map((key) => <Thumbprint key={key} text={key} />),
                                },
                                {
                                    name: t("Last used"),
                                    cell: ({ lastUsedAt }) =>
                                        lastUsedAt === null ? t("never") : <When at={lastUsedAt} short />,
                                },
                                {
                                    name: t("Actions"),
                                    cell: (client) => <Actions client={client} onChanged={setSetup} />,
                                    end: true,
                                },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

const networksText = (networks: readonly string[]): string =>
    networks.length === 0 ? t("any network") : listText(networks)

function Name({ client: { id, name } }: { client: Client }) {
    return (
        <>
            <div>{name}</div>
            <code className="code">{id}</code>
        </>
    )
}

/** Enough of a thumbprint to tell two keys apart. */
function Thumbprint({ text }: { text: string }) {
    return (
        <div>
            <code className="code" title={text}>
                {text.slice(0, 10)}…
            </code>
        </div>
    )
}

const isPasted = ({ source }: Answers) => source === "paste"

/** The key: made in this browser, or pasted. */
const keyFields = [
    {
        name: "source",
        label: t("Key"),
        kind: "choice",
        hint: t("Made here: you save the private key as a file, and Tocsin gets only the public key."),
        from: [
            { value: "make", name: t("Make a key here") },
            { value: "paste", name: t("Paste a public key") },
        ],
    },
    {
        name: "keys",
        label: t("Public keys"),
        kind: "text",
        hint: t("A JWK or JWKS with one or two public keys of P-256 or Ed25519. Two while you replace one."),
        onlyIf: isPasted,
        check: (text: string) => publicKeysIn(text).fault,
        codes: ["identity.bad_public_key"],
    },
] as const

interface Keys {
    readonly publicKeys: ReturnType<typeof publicKeysIn>["keys"]
    /** Null: the viewer has it already. */
    readonly privateKey: string | null
}

/** Reads the pasted keys, or makes a key. The private part stays in this browser. */
async function keysFor(answers: { readonly source: string; readonly keys: string }): Promise<Keys> {
    if (isPasted(answers)) return { publicKeys: publicKeysIn(answers.keys).keys, privateKey: null }
    const { createSigningKey } = await import("@tocsin/client/signing-key")
    const jwk = await createSigningKey()
    const { d: _, ...publicKey } = jwk
    return { publicKeys: [publicKey], privateKey: `${JSON.stringify(jwk, null, 2)}\n` }
}

function Register({ onDone }: { onDone: (setup: Setup) => void }) {
    return (
        <FormDialog
            button={t("Register a client…")}
            title={t("Register a machine client")}
            requests={[nameField, scopesField(["poll", "fetch"]), networksField, ...keyFields]}
            submit={t("Register client")}
            write={(answers): Write<Setup> => ({
                send: async (key) => {
                    const { publicKeys, privateKey } = await keysFor(answers)
                    const { id } = await writeTo("POST", "/api/machine-clients", {
                        name: answers.name,
                        keys: publicKeys,
                        scopes: tickedOf(scopes, answers, "scopes"),
                        networks: linesIn(answers.networks),
                    }).send(key)
                    return { id, name: answers.name, privateKey, isNew: true }
                },
            })}
            onDone={onDone}
        />
    )
}

const unseen = (text: ReactNode) => <span className="unseen">{text}</span>

interface ActionsProps {
    client: Client
    onChanged: (setup: Setup) => void
}

function Actions({ client: { id, name }, onChanged }: ActionsProps) {
    return (
        <div className="row end">
            <FormDialog
                button={rich("Change keys… <unseen>{client}</unseen>", { client: name, unseen })}
                title={t("Change the keys of this client")}
                requests={keyFields}
                submit={t("Change keys")}
                write={(answers): Write<Setup> => ({
                    send: async () => {
                        const { publicKeys, privateKey } = await keysFor(answers)
                        await writeTo("PUT", `/api/machine-clients/${id}/keys`, { keys: publicKeys }).send()
                        return { id, name, privateKey, isNew: false }
                    },
                })}
                onDone={onChanged}
            >
                <p>
                    {t(
                        "The registered keys and the tokens of “{client}” end. To keep the old key for a while, paste the old and the new one.",
                        { client: name },
                    )}
                </p>
            </FormDialog>
            <Opens
                button={rich("End… <unseen>{client}</unseen>", { client: name, unseen })}
                title={t("End this machine client?")}
            >
                {(close) => (
                    <>
                        <p>
                            {t("“{client}” gets no new tokens, and its tokens end now. You cannot undo this.", {
                                client: name,
                            })}
                        </p>
                        <div className="row end">
                            <Do look="danger" write={writeTo("DELETE", `/api/machine-clients/${id}`)} onDone={close}>
                                {t("End client")}
                            </Do>
                        </div>
                    </>
                )}
            </Opens>
        </div>
    )
}
