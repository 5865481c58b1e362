import { inLocale } from "../vocabulary/locale.js";
import { isWider, narrower, reaches, widest, type Audience } from "../visibility/audience.js";
import type { Held } from "../visibility/project.js";
import { asList, fieldOf, type ProfileField } from "./field.js";
import { practitionerPolicy, type Practitioner } from "./practitioner.js";

/** Names the text people agree to. Whoever changes a word of it gives it another version, and everybody is asked anew. */
export const CONSENT_VERSION = "2026-12";

/** The text in the language that fits best, else in English. */
export function consentText(locale: string): string {
  return inLocale(TEXTS, locale) ?? "";
}

/** One field at one audience: what people agree to. `coarser` is a coarser value of it only: not the town, but the country. */
export type Shown = { readonly field: ProfileField; readonly coarser: boolean; readonly audience: Audience };

/** What a person agreed to: this field, to this audience, under this version of the text; `given` null when the day is not known. */
export type Agreement = {
  readonly field: string;
  readonly audience: Audience;
  readonly textVersion: string;
  readonly given: string | null;
};

/**
 * The widest audience that each field of an entry is shown to once it is listed. No listing exists without the entry and its alias,
 * so nothing is shown wider than both. Vouches are said by others, and are in the text.
 */
export function shownBy({ audience, facts }: Practitioner): readonly Shown[] {
  const reach = narrower(audience, facts.alias?.audience ?? "PRIVATE");
  if (reach === "PRIVATE") return [];
  const { vouches: _saidByOthers, ...told } = facts;
  const keys = Object.keys(told) as (keyof typeof told)[];
  const entry: Shown = { field: "ENTRY", coarser: false, audience: reach };
  return [entry, ...keys.flatMap((key) => shownOf(fieldOf(key), facts[key], key, reach))];
}

function shownOf(
  field: ProfileField,
  held: Held,
  key: keyof typeof practitionerPolicy,
  reach: Audience,
): readonly Shown[] {
  const within = (audience: Audience) => narrower(narrower(audience, practitionerPolicy[key].ceiling), reach);
  const facts = asList(held);
  const plainly = widest(facts.map((fact) => within(fact.audience)));
  const coarsely = widest(facts.flatMap(({ ladder = [] }) => ladder.map((rung) => within(rung.audience))));
  return [
    ...(plainly === "PRIVATE" ? [] : [{ field, coarser: false, audience: plainly }]),
    ...(isWider(coarsely, plainly) ? [{ field, coarser: true, audience: coarsely }] : []),
  ];
}

/** Under which name consent is recorded. */
export function consentField({ field, coarser }: Shown): string {
  return coarser ? `${field} COARSER` : field;
}

/** What an import says people agreed to, for every field. */
const WHOLE_ENTRY = "entry";

/** Whether it was agreed to; consent to a wider audience covers narrower ones, and to the value itself its coarser ones. */
export function isCovered(shown: Shown, agreements: readonly Agreement[]): boolean {
  return agreements.some((agreement) => covers(agreement, shown));
}

function covers({ field, audience }: Agreement, shown: Shown): boolean {
  const fields = [consentField(shown), shown.field, WHOLE_ENTRY];
  return fields.includes(field) && reaches(audience, shown.audience);
}

/** What of an entry was not agreed to under the text as it is now. */
export function notAgreedTo(person: Practitioner, agreements: readonly Agreement[]): readonly Shown[] {
  const current = agreements.filter(({ textVersion }) => textVersion === CONSENT_VERSION);
  return shownBy(person).filter((shown) => !isCovered(shown, current));
}

/** What somebody agreed to and still shows: who shows less has taken the rest back, and is asked before it is shown again. */
export function stillAgreed(person: Practitioner, agreements: readonly Agreement[]): readonly Agreement[] {
  const imported = agreements.filter(({ field }) => field === WHOLE_ENTRY);
  const own = agreements.filter(({ field }) => field !== WHOLE_ENTRY);
  const still = shownBy(person).flatMap((shown) =>
    own
      .filter((agreement) => covers(agreement, shown))
      .map((agreement) => ({ ...agreement, field: consentField(shown), audience: shown.audience })),
  );
  return [...imported, ...still];
}

/** The sentence that asks for consent. It names fields and audiences, and no value. */
export function consentQuestion(shown: readonly Shown[]): string {
  const audiences = [...new Set(shown.map(({ audience }) => audience))];
  const parts = audiences.map((audience) => {
    const fields = shown.filter((one) => one.audience === audience).map(nameOf);
    return `${fields.join(", ")} to ${audience} (${WHO[audience]})`;
  });
  return `This would show ${parts.join("; ")}. A peer that has a copy cannot be forced to forget it. Read consentText, and if you agree ask again with agreedTo: "${CONSENT_VERSION}".`;
}

function nameOf({ field, coarser }: Shown): string {
  return coarser ? `a coarser value of ${field}` : field;
}

const WHO: Readonly<Record<Audience, string>> = {
  PUBLIC: "everyone",
  PARTNERS: "members of partner networks",
  MEMBERS: "members of this network",
  PRIVATE: "you alone",
};

const TEXTS: Readonly<Record<string, string>> = {
  en: `You decide, for each thing you tell here, who may see it.

PUBLIC: everyone, also people who have not signed in, and every network that copies our public entries.
PARTNERS: the members of networks whose nodes we trust, and of our own.
MEMBERS: the practitioners and stewards of this network.
PRIVATE: you alone. It is kept encrypted.

A few times a year we publish how well places are served: nobody, few, some or many, for a kind of work, a region and a language. Whoever has a public entry is counted, unless they say no. Whoever has not is counted only if they say yes; then it may show that people like them are there, where at least three are, and never how many.

Direct ways to reach you never leave this node. How many others vouch for you is told to partners as a rough number; who they are is told to nobody.

You can show less, withdraw or erase your entry at any time. Here that takes effect at once, and peers are told to forget their copies. But nobody can force a peer, or a person who has seen something, to forget it. Agree only to what may remain known.

If you do not confirm your entry when you are asked to, fewer people see it. Nothing is ever shown to more people unless you say so.`,
  es: `Usted decide, para cada cosa que cuenta aquí, quién puede verla.

PUBLIC (público): todo el mundo, también quienes no han iniciado sesión, y toda red que copie nuestras fichas públicas.
PARTNERS (redes aliadas): las personas miembros de las redes en cuyos nodos confiamos, y las de la nuestra.
MEMBERS (miembros): las personas que acompañan o forman en esta red y quienes la cuidan.
PRIVATE (privado): solo usted. Se guarda cifrado.

Unas pocas veces al año publicamos cuánta atención hay en cada lugar: nadie, pocas, algunas o muchas personas, por tipo de trabajo, región e idioma. Se cuenta a quien tiene una ficha pública, salvo que diga que no. A quien no la tiene solo se le cuenta si dice que sí; entonces puede verse que hay personas así, donde hay al menos tres, y nunca cuántas.

Las formas de contacto directo nunca salen de este nodo. Cuántas personas le respaldan se dice a las redes aliadas como un número aproximado; quiénes son no se dice a nadie.

Puede mostrar menos, retirar o borrar su ficha en cualquier momento. Aquí tiene efecto de inmediato, y se pide a los demás nodos que olviden sus copias. Pero nadie puede obligar a otro nodo, ni a una persona que haya visto algo, a olvidarlo. Acepte solo lo que pueda seguir sabiéndose.

Si no confirma su ficha cuando se le pide, la ven menos personas. Nunca se muestra nada a más personas sin que usted lo diga.`,
  fr: `Pour chaque chose que vous dites ici, vous décidez qui peut la voir.

PUBLIC : tout le monde, y compris les personnes non connectées, et tout réseau qui copie nos fiches publiques.
PARTNERS (partenaires) : les membres des réseaux dont les nœuds ont notre confiance, et ceux du nôtre.
MEMBERS (membres) : les personnes qui forment ou accompagnent dans ce réseau et celles qui en prennent soin.
PRIVATE (privé) : vous seul·e. C’est conservé chiffré.

Quelques fois par an, nous publions combien chaque lieu est desservi : personne, peu, quelques-uns ou beaucoup, par type de travail, région et langue. Qui a une fiche publique est compté, sauf s’il ou elle dit non. Qui n’en a pas n’est compté que s’il ou elle dit oui ; il peut alors se voir que de telles personnes sont là, où elles sont au moins trois, et jamais combien.

Les moyens de vous joindre directement ne quittent jamais ce nœud. Le nombre de personnes qui se portent garantes de vous est donné aux partenaires de façon approximative ; qui elles sont n’est dit à personne.

Vous pouvez à tout moment montrer moins, retirer ou effacer votre fiche. Ici, cela prend effet aussitôt, et nous demandons aux autres nœuds d’oublier leurs copies. Mais personne ne peut forcer un autre nœud, ni une personne qui a vu quelque chose, à l’oublier. N’acceptez que ce qui peut rester connu.

Si vous ne confirmez pas votre fiche quand on vous le demande, moins de personnes la voient. Rien n’est jamais montré à davantage de personnes sans que vous le disiez.`,
  ar: `أنت من يقرر، لكل ما تذكره هنا، من يمكنه رؤيته.

PUBLIC (عام): الجميع، بمن فيهم من لم يسجلوا الدخول، وكل شبكة تنسخ ما هو عام لدينا.
PARTNERS (الشركاء): أعضاء الشبكات التي نثق بخوادمها، وأعضاء شبكتنا.
MEMBERS (الأعضاء): المدرّبون والمرافقون والقائمون على هذه الشبكة.
PRIVATE (خاص): أنت وحدك. ويُحفظ مشفَّرًا.

ننشر بضع مرات في السنة مدى توفر الخدمة في كل مكان: لا أحد، أو قلة، أو بعض، أو كثيرون، بحسب نوع العمل والمنطقة واللغة. يُحسب من لديه بيانات عامة ما لم يرفض. ومن ليست لديه لا يُحسب إلا إذا وافق؛ وعندئذ قد يظهر أن هناك أشخاصًا مثله حيث يوجد ثلاثة على الأقل، ولا يظهر عددهم أبدًا.

وسائل الاتصال المباشر بك لا تغادر هذا الخادم أبدًا. يُذكر للشركاء عدد من يزكّونك على وجه التقريب؛ أما من هم فلا يُذكر لأحد.

يمكنك في أي وقت أن تُظهر أقل، أو أن تسحب بياناتك أو تمحوها. يسري ذلك هنا فورًا، ونطلب من الخوادم الأخرى أن تنسى نسخها. لكن لا أحد يستطيع إجبار خادم آخر، أو شخص رأى شيئًا، على نسيانه. وافق فقط على ما يمكن أن يبقى معروفًا.

إذا لم تؤكد بياناتك حين يُطلب منك ذلك، يقل عدد من يرونها. ولا يُعرض شيء على عدد أكبر من الناس ما لم تقل ذلك.`,
  ru: `Для всего, что вы здесь сообщаете, вы сами решаете, кто это увидит.

PUBLIC (все): любой человек, даже не вошедший в систему, и любая сеть, которая копирует наши открытые записи.
PARTNERS (партнёры): участники сетей, узлам которых мы доверяем, и участники нашей сети.
MEMBERS (участники): те, кто обучает и сопровождает в этой сети, и те, кто о ней заботится.
PRIVATE (только вы): это хранится в зашифрованном виде.

Несколько раз в год мы публикуем, насколько хватает людей: никого, мало, несколько или много, по виду работы, региону и языку. Тех, у кого запись открыта всем, мы считаем, если они не отказались. Остальных считаем, только если они согласились; тогда может быть видно, что такие люди есть, там, где их не меньше трёх, но никогда не видно, сколько их.

Прямые способы связи с вами никогда не покидают этот узел. Партнёры видят лишь примерное число тех, кто за вас ручается; кто они, не сообщается никому.

Вы можете в любое время показать меньше, снять запись или стереть её. Здесь это действует сразу, а другие узлы мы просим забыть их копии. Но никто не может заставить чужой узел или человека, который что-то увидел, это забыть. Соглашайтесь только на то, что может остаться известным.

Если вы не подтвердите запись, когда вас об этом попросят, её увидит меньше людей. Большему числу людей ничего не показывается, пока вы сами этого не скажете.`,
  pt: `Você decide, para cada coisa que conta aqui, quem pode vê-la.

PUBLIC (público): todas as pessoas, também quem não entrou com uma conta, e toda rede que copie nossos registros públicos.
PARTNERS (parceiras): as pessoas das redes em cujos nós confiamos, e as da nossa.
MEMBERS (membros): quem forma ou acompanha nesta rede e quem cuida dela.
PRIVATE (privado): só você. Fica guardado cifrado.

Algumas vezes por ano publicamos quanto cada lugar é atendido: ninguém, poucas, algumas ou muitas pessoas, por tipo de trabalho, região e idioma. Quem tem registro público é contado, a menos que diga não. Quem não tem só é contado se disser sim; então pode ver-se que há pessoas assim, onde há pelo menos três, e nunca quantas.

As formas de contato direto nunca saem deste nó. Quantas pessoas respondem por você é dito às redes parceiras como um número aproximado; quem são não é dito a ninguém.

Você pode mostrar menos, retirar ou apagar seu registro a qualquer momento. Aqui isso vale de imediato, e pedimos aos outros nós que esqueçam suas cópias. Mas ninguém pode obrigar outro nó, nem uma pessoa que tenha visto algo, a esquecer. Aceite apenas o que pode continuar sendo conhecido.

Se você não confirmar seu registro quando for solicitado, menos pessoas o veem. Nada é mostrado a mais pessoas sem que você diga.`,
};
