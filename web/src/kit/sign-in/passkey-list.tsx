/** The viewer's passkeys: add, list, remove. */
import { apiOf } from "../api.ts"
import { Do } from "../button.tsx"
import { Opens } from "../dialog.tsx"
import { FormDialog } from "../form.tsx"
import { When } from "../instant.tsx"
import { Empty, Loaded, Notice } from "../notice.tsx"
import { Section, Table } from "../table.tsx"
import { rich, t } from "../../messages/message.ts"
import { addPasskey, canUsePasskeys, removePasskey } from "./passkeys.ts"

const { useRead } = apiOf<"both">()

function whyNotAdd(isKnown: boolean): string | null {
    if (!canUsePasskeys()) return t("passkeys do not work in this browser at this address")
    return isKnown ? null : t("your passkeys are not loaded")
}

export function Passkeys() {
    const passkeys = useRead("/api/passkeys")
    return (
        <Section
            title={t("Passkeys")}
            aside={
                <FormDialog
                    button={t("Add a passkey…")}
                    title={t("Add a passkey")}
                    requests={[
                        {
                            name: "name",
                            label: t("Name"),
                            kind: "line",
                            hint: t("For example: Laptop, or Security key, blue."),
                            length: { min: 1, max: 60 },
                            codes: ["passkey.bad_name"],
                        },
                    ]}
                    submit={t("Add passkey")}
                    write={({ name }) => addPasskey(name, passkeys.data?.passkeys.length === 0)}
                    disabledReason={whyNotAdd(passkeys.isSuccess)}
                />
            }
        >
            <p className="caution">
                {t(
                    "A passkey signs you in with your finger, face or PIN. Add two on different devices, so that you can still sign in if you lose one.",
                )}
            </p>
            <Loaded query={passkeys}>{({ passkeys }) => <PasskeyTable passkeys={passkeys} />}</Loaded>
        </Section>
    )
}

interface Passkey {
    readonly id: string
    readonly name: string
    readonly createdAt: string
    readonly lastUsedAt: string | null
    readonly isBackedUp: boolean
}

function PasskeyTable({ passkeys }: { passkeys: readonly Passkey[] }) {
    if (passkeys.length === 0) return <Empty title={t("You have no passkey.")} />
    return (
        <>
            <Table
                caption={t("Your passkeys")}
                rows={passkeys}
                keyOf={({ id }) => id}
                columns={[
                    { name: t("Name"), cell: ({ name }) => name },
                    { name: t("Added"), cell: ({ createdAt }) => <When at={createdAt} short /> },
                    {
                        name: t("Last used"),
                        cell: ({ lastUsedAt }) => (lastUsedAt === null ? t("never") : <When at={lastUsedAt} short />),
                    },
                    {
                        name: t("Kept"),
                        cell: ({ isBackedUp }) => (isBackedUp ? t("backed up by its provider") : t("on one device")),
                    },
                    {
                        name: t("Actions"),
                        cell: (passkey) => <Remove passkey={passkey} isLast={passkeys.length === 1} />,
                        end: true,
                    },
                ]}
            />
            {passkeys.length === 1 && <Notice>{t("You have one passkey. Add a second one on another device.")}</Notice>}
        </>
    )
}

function Remove({ passkey: { id, name }, isLast }: { passkey: Passkey; isLast: boolean }) {
    return (
        <Opens
            button={rich("Remove… <unseen>{name}</unseen>", {
                name,
                unseen: (text) => <span className="unseen">{text}</span>,
            })}
            title={t("Remove this passkey?")}
            disabledReason={isLast ? t("this is your last passkey: add another one first") : null}
        >
            {(close) => (
                <>
                    <p>{t("“{name}” no longer signs you in. You cannot undo this.", { name })}</p>
                    <p>
                        {t(
                            "Your other sessions and unused links end too. Tokens stay: revoke those of a lost device below.",
                        )}
                    </p>
                    <div className="row end">
                        <Do look="danger" write={removePasskey(id)} onDone={close}>
                            {t("Remove passkey")}
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}
