/** What the records of the proof are made of: few words and codes, near each other, so that questions meet them. */
export const NAMES = [
  "Quetzal",
  "Ceiba",
  "Amate",
  "Copal",
  "Jícara",
  "Ocote",
  "Izote",
  "Zafiro",
  "Obsidiana",
  "Colibrí",
];
export const PHRASES = [
  "acompaña",
  "riesgo",
  "guatemala",
  "radio",
  "cuidado",
  "obsidiana",
  "zafiro",
  "taller",
];
export const SPECIALTIES = [
  "digital",
  "digital.encryption",
  "digital.encryption.email",
  "digital.malware",
  "digital.malware.spyware",
  "psychosocial",
  "psychosocial.self-care",
  "legal.detention",
];
export const REGIONS = ["GT", "GT-09", "GT-13", "MX", "MX-OAX", "013", "419", "SV", "019"];
export const LANGUAGES = ["es", "es-MX", "quc", "en", "fa", "fa-AF"];
export const DAYS = ["2026-06-01", "2026-08-30", "2026-09-14", "2026-10-02", "2026-11-01", "2026-11-20"];
export const COMMUNITIES = ["WOMEN", "INDIGENOUS", "JOURNALISTS", "YOUTH"];
export const LICENSES = ["CC-BY-4.0", "CC0-1.0"];
