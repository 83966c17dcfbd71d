#include <weir/cluster/certificates/authority.hpp>

#include <weir/cluster/certificates/openssl.hpp>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cctype>
#include <cstring>

namespace weir::cluster {

using openssl::owned;

namespace {

constexpr const char* where = "certificates";

error problem(const std::string& what) { return permanent(what + ": " + openssl::last_problem(), where); }

/// Letters, digits, '-' and '.' as in DNS; also keeps it from being read as another field of the certificate.
bool is_dns_name(const std::string& name) {
  return !name.empty() && name.size() <= 253 && name.front() != '-' && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return (std::isalnum(c) != 0 && c < 128) || c == '-' || c == '.';
         });
}

bool extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const owned<X509_EXTENSION> extension{X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_random_serial(X509* certificate) {
  constexpr int bits = 128;
  const owned<BIGNUM> number{BN_new()};
  return number && BN_rand(number.get(), bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

/// All but the extensions; the issuer is the subject itself unless given.
owned<X509> begin(const std::string& subject, X509* issuer, EVP_PKEY* key, const validity& when) {
  owned<X509> made{X509_new()};
  if (!made || X509_set_version(made.get(), X509_VERSION_3) != 1 || !set_random_serial(made.get()))
    return nullptr;
  X509_NAME* const name = X509_get_subject_name(made.get());
  // The subject's field ends at 64 characters; names that count are in the alternative names.
  const std::string common = subject.substr(0, 64);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(common.data());
  const bool ok =
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes, static_cast<int>(common.size()), -1, 0) ==
          1 &&
      X509_set_issuer_name(made.get(), issuer != nullptr ? X509_get_subject_name(issuer) : name) == 1 &&
      ASN1_TIME_set(X509_getm_notBefore(made.get()), std::chrono::system_clock::to_time_t(when.from)) !=
          nullptr &&
      ASN1_TIME_set(X509_getm_notAfter(made.get()), std::chrono::system_clock::to_time_t(when.until)) !=
          nullptr &&
      X509_set_pubkey(made.get(), key) == 1;
  return ok ? std::move(made) : nullptr;
}

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

result<credentials> to_pem(X509* certificate, EVP_PKEY* key) {
  const owned<BIO> first{BIO_new(BIO_s_mem())};
  const owned<BIO> second{BIO_new(BIO_s_mem())};
  if (!first || !second || PEM_write_bio_X509(first.get(), certificate) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(second.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return problem("cannot write a certificate");
  return credentials{text_of(first.get()), text_of(second.get())};
}

owned<X509> certificate_from(const std::string& pem) {
  const owned<BIO> in{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  return owned<X509>{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)};
}

owned<EVP_PKEY> key_from(const std::string& pem) {
  const owned<BIO> in{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  const auto no_password = [](char*, int, int, void*) { return 0; };
  return owned<EVP_PKEY>{PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr)};
}

} // namespace

result<certificate_authority> certificate_authority::create(const std::string& name, const validity& when) {
  const owned<EVP_PKEY> key{EVP_EC_gen("P-256")};
  const owned<X509> made = key ? begin(name, nullptr, key.get(), when) : nullptr;
  X509* const raw = made.get();
  if (raw == nullptr || !extend(raw, raw, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !extend(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !extend(raw, raw, NID_subject_key_identifier, "hash") || X509_sign(raw, key.get(), EVP_sha256()) == 0)
    return problem("cannot make a CA");
  auto pem = to_pem(raw, key.get());
  if (!pem)
    return pem.error();
  return certificate_authority{std::move(*pem)};
}

result<certificate_authority> certificate_authority::load(credentials existing) {
  const owned<X509> certificate = certificate_from(existing.certificate);
  const owned<EVP_PKEY> key = key_from(existing.key);
  if (!certificate)
    return problem("no certificate of a CA");
  if (!key)
    return problem("no key of a CA that can be used");
  if (X509_check_ca(certificate.get()) != 1)
    return permanent("a certificate, but not of a CA", where);
  if (X509_check_private_key(certificate.get(), key.get()) != 1)
    return permanent("the CA's certificate and key do not belong together", where);
  return certificate_authority{std::move(existing)};
}

result<credentials> certificate_authority::issue(const std::vector<std::string>& names,
                                                 const validity& when) const {
  std::string alternatives;
  for (const std::string& name : names) {
    const bool address = openssl::is_address(name);
    if (!address && !is_dns_name(name))
      return permanent("neither a DNS name nor an address: \"" + name + "\"", where,
                       "use letters, digits, '-' and '.', or an address");
    alternatives += (alternatives.empty() ? "" : ",") + std::string{address ? "IP:" : "DNS:"} + name;
  }
  if (names.empty())
    return permanent("a certificate for nobody", where, "give at least one name");
  const owned<X509> issuer = certificate_from(own_.certificate);
  const owned<EVP_PKEY> issuer_key = key_from(own_.key);
  const owned<EVP_PKEY> key{EVP_EC_gen("P-256")};
  const owned<X509> made =
      issuer && issuer_key && key ? begin(names.front(), issuer.get(), key.get(), when) : nullptr;
  X509* const raw = made.get();
  if (raw == nullptr || !extend(raw, issuer.get(), NID_basic_constraints, "critical,CA:FALSE") ||
      !extend(raw, issuer.get(), NID_key_usage, "critical,digitalSignature") ||
      !extend(raw, issuer.get(), NID_ext_key_usage, "serverAuth,clientAuth") ||
      !extend(raw, issuer.get(), NID_subject_alt_name, alternatives) ||
      !extend(raw, issuer.get(), NID_subject_key_identifier, "hash") ||
      !extend(raw, issuer.get(), NID_authority_key_identifier, "keyid:always") ||
      X509_sign(raw, issuer_key.get(), EVP_sha256()) == 0)
    return problem("cannot make a certificate");
  return to_pem(raw, key.get());
}

} // namespace weir::cluster
