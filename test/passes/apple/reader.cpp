/**
 * Reads a .pkpass by KDE's own reader and prints what it found as JSON, in the language that is asked for:
 * `reader <file> <locale>`. Written for tests, which compile it where the library is installed.
 */
#include <KPkPass/Barcode>
#include <KPkPass/Field>
#include <KPkPass/Location>
#include <KPkPass/Pass>

#include <QColor>
#include <QCoreApplication>
#include <QDateTime>
#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>
#include <QUrl>

#include <cstdio>
#include <memory>

static QJsonArray fieldsOf(const QVector<KPkPass::Field> &fields)
{
    QJsonArray array;
    for (const auto &field : fields) {
        array.push_back(QJsonObject{{QStringLiteral("key"), field.key()},
                                    {QStringLiteral("label"), field.label()},
                                    {QStringLiteral("value"), QJsonValue::fromVariant(field.value())},
                                    {QStringLiteral("changeMessage"), field.changeMessage()}});
    }
    return array;
}

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    QLocale::setDefault(QLocale(QString::fromUtf8(argv[2])));
    const std::unique_ptr<KPkPass::Pass> pass(KPkPass::Pass::fromFile(QString::fromUtf8(argv[1])));
    if (!pass) {
        std::fputs("KPkPass cannot read it.\n", stderr);
        return 1;
    }
    QJsonArray barcodes;
    for (const auto &barcode : pass->barcodes()) {
        barcodes.push_back(QJsonObject{{QStringLiteral("format"), barcode.format()},
                                       {QStringLiteral("message"), barcode.message()},
                                       {QStringLiteral("alternativeText"), barcode.alternativeText()}});
    }
    QJsonArray locations;
    for (const auto &location : pass->locations()) {
        locations.push_back(QJsonObject{{QStringLiteral("latitude"), location.latitude()},
                                        {QStringLiteral("longitude"), location.longitude()},
                                        {QStringLiteral("relevantText"), location.relevantText()}});
    }
    const QImage strip = pass->strip(2);
    const QJsonObject found{
        {QStringLiteral("isStoreCard"), pass->type() == KPkPass::Pass::StoreCard},
        {QStringLiteral("description"), pass->description()},
        {QStringLiteral("organizationName"), pass->organizationName()},
        {QStringLiteral("passTypeIdentifier"), pass->passTypeIdentifier()},
        {QStringLiteral("serialNumber"), pass->serialNumber()},
        {QStringLiteral("expirationDate"), pass->expirationDate().toUTC().toString(Qt::ISODate)},
        {QStringLiteral("backgroundColor"), pass->backgroundColor().name()},
        {QStringLiteral("logoText"), pass->logoText()},
        {QStringLiteral("passUpdateUrl"), pass->passUpdateUrl().toString()},
        {QStringLiteral("authenticationToken"), pass->authenticationToken()},
        {QStringLiteral("images"), QJsonArray{pass->hasIcon(), pass->hasLogo(), pass->hasStrip()}},
        {QStringLiteral("stripSize"), QJsonArray{strip.width(), strip.height()}},
        {QStringLiteral("barcodes"), barcodes},
        {QStringLiteral("locations"), locations},
        {QStringLiteral("header"), fieldsOf(pass->headerFields())},
        {QStringLiteral("primary"), fieldsOf(pass->primaryFields())},
        {QStringLiteral("secondary"), fieldsOf(pass->secondaryFields())},
        {QStringLiteral("auxiliary"), fieldsOf(pass->auxiliaryFields())},
        {QStringLiteral("back"), fieldsOf(pass->backFields())},
    };
    std::fputs(QJsonDocument(found).toJson(QJsonDocument::Indented).constData(), stdout);
    return 0;
}
